import type { Command } from 'commander';
import type { Config } from '../../config/schema.ts';
import { Archives } from '../../egress/archive/archives.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { DuplicateHint } from '../../index/priors/prior-types.ts';
import { comparable } from '../../priors/comparable.ts';
import { PRIOR_CONTEXTS } from '../../priors/archive-query.ts';
import { prefetch } from '../../priors/prefetch.ts';
import { priorSubject } from '../../priors/prior-reference.ts';
import type { PriorSubject } from '../../priors/prior-reference.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { addCommand, addGroup, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { askerOption } from '../asker-option.ts';
import type { AskerOptions } from '../asker-option.ts';
import { archiveConnector } from '../evict.ts';
import { CommandFailedError } from '../exit-codes.ts';
import { localSearch } from '../local-search.ts';
import type { LocalSearch, Shown } from '../local-search.ts';
import { auditRecord } from '../note-audit.ts';
import { withIndex, withReading } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { stopSignal } from '../stop-signal.ts';

export function addPriorsCommands(program: Command, environment: CliEnvironment): void {
  const priors = addGroup(program, 'priors', 'earlier examinations for comparison, and hints of duplicate imaging', [
    'kuva priors list 1.2.840.1.2',
    'kuva priors hints',
  ]);

  const list = addCommand(priors, {
    usage: 'list <what>',
    summary: 'comparable earlier studies that are here: the same anatomy and modality; <what> is a study or a request',
    examples: ['kuva priors list 1.2.840.113619.2.1', 'kuva priors list 1.2.246.10.90000011.11.2026.1.1.1 --json'],
  });
  askerOption(list).action(async (what: string, { asker }: AskerOptions, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const profile = loadProfile(config.profile);
    const found = await withIndex(config, async (index) => {
      const search = localSearch({ config, index, command: 'priors list', asker });
      const { subject, shown: asked } = await subjectOf(index, config, search, what);
      const studies = await index.read('priorStudies', subject.patientId);
      const shown = await search.permitted(studies.map(({ studyInstanceUid }) => studyInstanceUid));
      const others = studies.filter(({ studyInstanceUid: uid }) => uid !== what && shown.has(uid));
      const wanted = comparable(profile, subject, others);
      await search.reveal({
        studies: wanted.map(({ studyInstanceUid }) => studyInstanceUid),
        documents: asked.documents ?? [],
      });
      return wanted;
    });
    out.list(
      found,
      [
        { title: 'date', value: ({ studyDate }) => studyDate },
        { title: 'modalities', value: ({ modalities }) => modalities.join('/') },
        { title: 'description', value: ({ studyDescription }) => studyDescription },
        { title: 'controller', value: ({ controllerOid }) => controllerOid },
        { title: 'copy until', value: ({ copyUntil }) => (copyUntil === null ? '' : humanTime(copyUntil)) },
        { title: 'study', value: ({ studyInstanceUid }) => studyInstanceUid },
      ],
      'no comparable earlier study is here',
    );
  });

  const fetch = addCommand(priors, {
    usage: 'prefetch <what>',
    summary:
      'fetch comparable earlier studies from the archive that priors.archive names (C-FIND and C-MOVE to the running node); they are copies, never forwarded, and expire',
    examples: [
      'kuva ae add ARCHIVE --host archive.example.org --service echo,store        # once: it may send to us',
      'kuva priors prefetch 1.2.246.10.90000011.11.2026.1.1.1',
      'movescu -S -aec ARCHIVE -aem KUVA archive.example.org 11112 -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.3        # what it asks',
    ],
  });
  askerOption(fetch).action(async (what: string, { asker }: AskerOptions, command: Command) => {
    const { out, config } = contextOf(environment, command);
    using stop = stopSignal((line) => out.say(line));
    const interrupted = new AbortController();
    void stop.asked.then(() => interrupted.abort(new CommandFailedError('interrupted before the end')));
    const studies = await withIndex(config, (index) => prefetchInto(index, config, what, asker, interrupted.signal));
    out.list(
      studies,
      [
        { title: 'date', value: ({ studyDate }) => studyDate },
        { title: 'modalities', value: ({ modalities }) => modalities.join('/') },
        { title: 'result', value: ({ result }) => result },
        { title: 'objects', value: ({ objects }) => objects, align: 'right' },
        { title: 'reason', value: ({ reason }) => reason },
        { title: 'study', value: ({ studyInstanceUid }) => studyInstanceUid },
      ],
      'the archive has no comparable earlier study',
    );
    const failed = studies.filter(({ result }) => result === 'failed').length;
    if (failed > 0) throw new CommandFailedError(`${failed} of ${studies.length} studies did not come`);
  });

  addHintCommands(priors, environment);
}

function addHintCommands(priors: Command, environment: CliEnvironment): void {
  const hintList = addCommand(priors, {
    usage: 'hints',
    summary: 'requests for an examination of which a comparable one is not long ago',
    examples: ['kuva priors hints --patient 010181-900C', 'kuva priors hints --json'],
  })
    .option('--patient <id>', 'of one patient')
    .option('--request <oid>', 'about one request')
    .option('--all', 'those that somebody has seen, too');
  askerOption(hintList).action(
    async (options: AskerOptions & { patient?: string; request?: string; all?: boolean }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const query = {
        seenToo: options.all === true,
        limit: 1000,
        ...(options.patient === undefined ? {} : { patientId: options.patient }),
        ...(options.request === undefined ? {} : { requestOid: options.request }),
      };
      const hints = await withIndex(config, async (index) => {
        const search = localSearch({ config, index, command: 'priors hints', asker: options.asker });
        return shownHints(index, search, await index.read('duplicateHints', query));
      });
      out.list(
        hints,
        [
          { title: 'requested', value: ({ requestedAt }) => humanTime(requestedAt) },
          { title: 'code', value: ({ requestedCode }) => requestedCode },
          { title: 'patient', value: ({ patientId }) => patientId },
          { title: 'done', value: ({ studyDate }) => studyDate },
          { title: 'examination', value: ({ studyDescription }) => studyDescription },
          { title: 'study', value: ({ studyInstanceUid }) => studyInstanceUid },
          { title: 'request', value: ({ requestOid }) => requestOid },
        ],
        'no request asks for what was done not long ago',
      );
    },
  );

  addCommand(priors, {
    usage: 'seen <request>',
    summary: 'take the hints about a request from the list',
    examples: ['kuva priors seen 1.2.246.10.90000011.11.2026.1.1.1'],
  }).action(async (oid: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const seen = await withIndex(config, (index) => index.write('duplicateHintsSeen', oid, Date.now()));
    if (seen === 0) throw new CommandFailedError(`there is no hint about ${oid} that nobody has seen`);
    out.record({ request: oid, seen }, { request: oid, seen });
  });

  addCommand(priors, {
    usage: 'copies',
    summary: 'studies that were fetched from the archive, and when they go',
    examples: ['kuva priors copies'],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const copies = await withReading(config, (index) => index.read('studyCopies', 1000));
    out.list(
      copies,
      [
        { title: 'goes', value: ({ expiresAt }) => humanTime(expiresAt) },
        { title: 'fetched', value: ({ fetchedAt }) => humanTime(fetchedAt) },
        { title: 'from', value: ({ source }) => source },
        { title: 'for', value: ({ fetchedFor }) => fetchedFor },
        { title: 'study', value: ({ studyInstanceUid }) => studyInstanceUid },
      ],
      'there are no copies',
    );
  });
}

/** A hint tells of a request and of a study: both must be permitted. */
async function shownHints(
  index: IndexService,
  search: LocalSearch,
  hints: readonly DuplicateHint[],
): Promise<DuplicateHint[]> {
  const studies = await search.permitted(hints.map(({ studyInstanceUid }) => studyInstanceUid));
  const told = hints.filter(({ studyInstanceUid }) => studies.has(studyInstanceUid));
  const oids = [...new Set(told.map(({ requestOid }) => requestOid))];
  const rows = await Promise.all(oids.map((oid) => index.read('documentByOid', oid)));
  const requests = await search.permittedDocuments(rows.filter((row) => row !== undefined));
  const shown = told.filter(({ requestOid }) => requests.has(requestOid));
  await search.reveal({
    studies: [...new Set(shown.map(({ studyInstanceUid }) => studyInstanceUid))],
    documents: [...new Set(shown.map(({ requestOid }) => requestOid))],
  });
  return shown;
}

async function prefetchInto(index: IndexService, config: Config, what: string, asker: string, signal: AbortSignal) {
  const { archive, keepCopies, maxStudies, tellAsker } = config.priors;
  if (archive === null)
    throw new CommandFailedError('priors.archive is null: name the egress destination that priors are fetched from');
  const archives = new Archives(config, archiveConnector(config));
  const profile = loadProfile(config.profile);
  const search = localSearch({ config, index, command: 'priors prefetch', asker });
  const { subject, shown } = await subjectOf(index, config, search, what);
  await search.reveal(shown);
  return prefetch(
    {
      index,
      profile,
      ...(tellAsker ? (asker === '' ? {} : { claim: asker }) : { claim: null }),
      open: (stop) => archives.open({ destination: archive, callingAet: '', contexts: PRIOR_CONTEXTS }, stop),
      archive,
      archiveAet: archives.aetOf(archive),
      archiveHost: archives.hostOf(archive),
      record: auditRecord(index, config),
      ownAet: config.node.aeTitle,
      keepMs: keepCopies,
      maxStudies,
      clock: Date.now,
    },
    subject,
    signal,
  );
}

/** What may not be shown cannot be told from what is not here. */
async function subjectOf(
  index: IndexService,
  config: Config,
  search: LocalSearch,
  what: string,
): Promise<{ readonly subject: PriorSubject; readonly shown: Shown }> {
  const document = await index.read('documentByOid', what);
  const permitted = document === undefined ? search.permitted([what]) : search.permittedDocuments([document]);
  const subject = (await permitted).has(what)
    ? await priorSubject(index, loadProfile(config.profile), what)
    : undefined;
  if (subject === undefined) {
    // What was withheld is in the log all the same.
    await search.reveal({});
    throw new CommandFailedError(`there is no study and no document ${what}`);
  }
  const shown = document === undefined ? { studies: [what] } : { documents: [what] };
  if (subject.code !== '') return { subject, shown };
  await search.reveal(shown);
  throw new CommandFailedError(`${what} has no examination code, so that nothing can be compared with it`);
}
