import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { isUid } from '../../dicom/uid-syntax.ts';
import { drainOutbox } from '../../documents/drain-outbox.ts';
import { ObjectFollower } from '../../documents/object-follower.ts';
import { readObject } from '../../documents/read-object.ts';
import { RECONCILE_KINDS } from '../../index/documents/document-types.ts';
import type { ReconcileItem, ReconcileKind, RefusalRow } from '../../index/documents/document-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { StoredObjects } from '../../transfer/stored-objects.ts';
import { askerOption } from '../asker-option.ts';
import type { AskerOptions } from '../asker-option.ts';
import { addCommand, addGroup, contextOf } from '../command-context.ts';
import type { CliEnvironment, CommandContext } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { localSearch } from '../local-search.ts';
import type { LocalSearch } from '../local-search.ts';
import { existingStorage } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { openRegister } from './open-register.ts';
import type { OpenRegister } from './open-register.ts';

interface ListOptions extends AskerOptions {
  readonly kind?: string;
  readonly overdue?: boolean;
  readonly limit: string;
}

// Which of it may be shown is found out afterwards.
const ALL = 1_000_000;

const HOUR = 3_600_000;
const REFUSED = 'refused-documents';

export function addReconcileCommands(program: Command, environment: CliEnvironment): void {
  const reconcile = addGroup(
    program,
    'reconcile',
    'what does not fit together: images without documents, documents without images, other codes, other patients',
    ['kuva reconcile', 'kuva reconcile list --overdue', 'kuva reconcile link 1.2.246.10.1.11.1 1.2.840.1.2'],
  );

  addCommand(reconcile, {
    usage: 'counts',
    isDefault: true,
    summary: 'how much there is of each kind, and how much of it waits longer than the deadline',
    examples: ['kuva reconcile', 'kuva reconcile counts --json | jq "select(.overdue > 0)"'],
  }).action(async (_options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    const counts = await withWorkList(context, ({ index }) => index.read('reconcileCounts', deadline(context)));
    context.out.list(
      counts,
      [
        { title: 'kind', value: ({ kind }) => kind },
        { title: 'items', value: ({ items }) => items, align: 'right' },
        { title: 'overdue', value: ({ overdue }) => overdue, align: 'right' },
      ],
      '',
    );
  });

  const list = addCommand(reconcile, {
    usage: 'list',
    summary: 'the work list, oldest first; what is shown is in the log',
    examples: ['kuva reconcile list --kind images-without-documents', `kuva reconcile list --kind ${REFUSED} --json`],
  })
    .option('--kind <kind>', `one of ${[...RECONCILE_KINDS, REFUSED].join(', ')}`)
    .option('--overdue', 'only what waits longer than the deadline')
    .option('--limit <number>', 'at most', '100');
  askerOption(list).action(async (options: ListOptions, command: Command) => {
    const context = contextOf(environment, command);
    const limit = limitOf(options.limit);
    const before = options.overdue === true ? { before: deadline(context) } : {};
    if (options.kind === REFUSED) {
      const rows = await withWorkList(context, ({ index }) => index.read('documentRefusals', limit));
      listRefusals(
        context,
        rows.filter(({ receivedAt }) => receivedAt < (before.before ?? Number.POSITIVE_INFINITY)),
      );
      return;
    }
    const query = { ...before, ...(options.kind === undefined ? {} : { kind: kindOf(options.kind) }) };
    const items = await withWorkList(context, async ({ index }) => {
      const { config } = context;
      const found = await index.read('reconcileList', { ...query, limit: config.disclosure.enabled ? ALL : limit });
      const search = localSearch({ config, index, command: 'reconcile list', asker: options.asker });
      return shownItems(index, search, found, limit);
    });
    context.out.list(
      items,
      [
        { title: 'since', value: ({ since }) => humanTime(since) },
        { title: 'kind', value: ({ kind }) => kind },
        { title: 'detail', value: ({ detail }) => detail },
        { title: 'patient', value: ({ patientId }) => patientId },
        { title: 'study', value: ({ studyInstanceUid }) => studyInstanceUid },
        { title: 'document', value: ({ documentOid }) => documentOid },
      ],
      'everything fits together',
    );
  });

  addLinkCommands(reconcile, environment);
}

function addLinkCommands(reconcile: Command, environment: CliEnvironment): void {
  const actor = `cli:${userInfo().username}`;
  addCommand(reconcile, {
    usage: 'link <document> <study>',
    summary: 'say that a document belongs to a study; what waited for it is looked at again',
    examples: ['kuva reconcile link 1.2.246.10.1.11.1 1.2.840.1.2'],
  }).action(async (oid: string, study: string, _options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    checkUid(study);
    await withWorkList(context, async (opened) => {
      if ((await opened.index.showStudy(study)) === undefined)
        throw new CommandFailedError(`there is no study ${study}`);
      if (!(await opened.index.write('documentLink', oid, study, actor, Date.now())))
        throw new CommandFailedError(`there is no document ${oid}; kuva documents list shows what there is`);
      await drainOutbox(opened.index, opened.rules, Date.now());
    });
    context.out.record({ linked: oid, study }, { linked: oid, study });
  });

  addCommand(reconcile, {
    usage: 'unlink <document> <study>',
    summary: 'take back a link that was made by hand',
    examples: ['kuva reconcile unlink 1.2.246.10.1.11.1 1.2.840.1.2'],
  }).action(async (oid: string, study: string, _options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    checkUid(study);
    await withWorkList(context, async (opened) => {
      if (!(await opened.index.write('documentUnlink', oid, study)))
        throw new CommandFailedError(`${oid} and ${study} are not linked by hand`);
      await drainOutbox(opened.index, opened.rules, Date.now());
    });
    context.out.record({ unlinked: oid, study }, { unlinked: oid, study });
  });

  addCommand(reconcile, {
    usage: 'settle <number>',
    summary: 'take a refused document from the list; what was kept of it stays',
    examples: [`kuva reconcile list --kind ${REFUSED}`, 'kuva reconcile settle 3'],
  }).action(async (number: string, _options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    if (!/^\d{1,15}$/.test(number)) throw new UsageError(`${number}: write the number from the list`);
    const settled = await withWorkList(context, ({ index }) =>
      index.write('documentRefusalSettle', Number(number), Date.now()),
    );
    if (!settled) throw new CommandFailedError(`there is no open refusal ${number}`);
    context.out.record({ settled: Number(number) }, { settled: number });
  });
}

/** An item tells of a document, of a study, or of both: all of it must be permitted. */
async function shownItems(
  index: IndexService,
  search: LocalSearch,
  items: readonly ReconcileItem[],
  limit: number,
): Promise<ReconcileItem[]> {
  const oids = [...new Set(items.flatMap(({ documentOid }) => documentOid ?? []))];
  const rows = (await Promise.all(oids.map((oid) => index.read('documentByOid', oid)))).filter(
    (row) => row !== undefined,
  );
  const documents = await search.permittedDocuments(rows);
  const studies = await search.permitted(items.flatMap(({ studyInstanceUid }) => studyInstanceUid ?? []));
  const shown = items
    .filter(
      ({ documentOid, studyInstanceUid: uid }) =>
        (documentOid === null || documents.has(documentOid)) && (uid === null || studies.has(uid)),
    )
    .slice(0, limit);
  await search.reveal({
    studies: [...new Set(shown.flatMap(({ studyInstanceUid }) => studyInstanceUid ?? []))],
    documents: [...new Set(shown.flatMap(({ documentOid }) => documentOid ?? []))],
  });
  return shown;
}

/** The list as it is now, also when no node is at work that keeps it. */
async function withWorkList<T>(context: CommandContext, work: (opened: OpenRegister) => Promise<T>): Promise<T> {
  const paths = existingStorage(context.config);
  await using opened = await openRegister(context.config);
  const objects = new StoredObjects(paths);
  const follower = new ObjectFollower({
    index: opened.index,
    register: opened.register,
    rules: opened.rules,
    readObject: (sha256) => readObject(objects, sha256),
    onDocument: () => undefined,
    clock: Date.now,
  });
  await follower.run(new AbortController().signal);
  await drainOutbox(opened.index, opened.rules, Date.now());
  return await work(opened);
}

function deadline({ config }: CommandContext): number {
  return Date.now() - loadProfile(config.profile).documents.deadlineHours * HOUR;
}

function listRefusals({ out }: CommandContext, rows: readonly RefusalRow[]): void {
  out.list(
    rows,
    [
      { title: 'number', value: ({ id }) => id, align: 'right' },
      { title: 'received', value: ({ receivedAt }) => humanTime(receivedAt) },
      { title: 'times', value: ({ times }) => times, align: 'right' },
      { title: 'from', value: ({ source }) => source },
      { title: 'code', value: ({ code }) => code },
      { title: 'reason', value: ({ reason }) => reason },
      { title: 'OID', value: ({ oid }) => oid },
      { title: 'SOP instance', value: ({ sopInstanceUid }) => sopInstanceUid },
    ],
    'no document was refused',
  );
}

function checkUid(uid: string): void {
  if (!isUid(uid)) throw new UsageError(`${uid} is not a UID`);
}

function kindOf(text: string): ReconcileKind {
  const kind = RECONCILE_KINDS.find((each) => each === text);
  if (kind === undefined)
    throw new UsageError(`--kind ${text}: write one of ${[...RECONCILE_KINDS, REFUSED].join(', ')}`);
  return kind;
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`--limit ${text}: write a number from 1`);
  return Number(text);
}
