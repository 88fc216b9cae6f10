import type { Command } from 'commander';
import { storagePaths } from '../config/storage-paths.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import type { IndexService } from '../index/index-service.ts';
import type { ConflictRow } from '../index/index-types.ts';
import { StoredObjects } from '../transfer/stored-objects.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { withIndex, withReading } from './open-index.ts';
import { humanBytes, humanTime } from './output.ts';

export function addConflictsCommand(program: Command, environment: CliEnvironment): void {
  const conflicts = addGroup(
    program,
    'conflicts',
    'other bytes that came under a SOP Instance UID that was already kept; both are kept, the first is served',
    ['kuva conflicts list', 'kuva conflicts show 12'],
  );
  addCommand(conflicts, {
    usage: 'list',
    summary: 'all conflicts, newest first',
    examples: ['kuva conflicts list', 'kuva conflicts list --json | wc -l'],
  })
    .option('--limit <number>', 'at most so many', '100')
    .action(async (options: { limit: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const rows = await withReading(config, (index) =>
        index.read('listConflicts', Math.max(1, Number.parseInt(options.limit, 10) || 100), Number.MAX_SAFE_INTEGER),
      );
      out.list(
        rows,
        [
          { title: 'id', value: (row) => row.conflictId, align: 'right' },
          { title: 'received', value: (row) => humanTime(row.receivedAt) },
          { title: 'from', value: (row) => row.callingAET },
          { title: 'SOP instance UID', value: (row) => row.sopInstanceUid },
          { title: 'kept aside', value: (row) => row.sha256.slice(0, 16) },
          { title: 'served', value: (row) => row.served?.sha256.slice(0, 16) },
          {
            title: 'served since',
            value: (row) => (row.served === undefined ? null : humanTime(row.served.receivedAt)),
          },
        ],
        'no conflict',
      );
    });

  addCommand(conflicts, {
    usage: 'show <id|sop-uid>',
    summary: 'one conflict, or all of one SOP Instance UID, with the files of both sides',
    examples: [
      'kuva conflicts show 12',
      'kuva conflicts show 1.2.840.113619.2.1.1.1 --json',
      'diff <(dcmdump KEPT) <(dcmdump SERVED)        # what is different, with the files that it shows',
    ],
  }).action(async (wanted: string, _options: unknown, command: Command) => {
    if (!isUid(wanted)) throw new UsageError(`${wanted} is neither the id of a conflict nor a SOP Instance UID`);
    const { out, config } = contextOf(environment, command);
    const rows = await withIndex(config, (index) => conflictsOf(index, wanted));
    if (rows.length === 0)
      throw new CommandFailedError(`there is no conflict ${wanted}; kuva conflicts list shows what there is`);
    const objects = new StoredObjects(storagePaths(config));
    for (const row of rows) {
      const path = objects.pathOf(row.sha256);
      const served = row.served === undefined ? null : { ...row.served, path: objects.pathOf(row.served.sha256) };
      out.record(
        { ...row, path, served },
        {
          conflict: row.conflictId,
          'SOP instance UID': row.sopInstanceUid,
          study: row.studyInstanceUid,
          series: row.seriesInstanceUid,
          'kept aside': `${path} (${humanBytes(row.size)})`,
          received: `${humanTime(row.receivedAt)} from ${row.callingAET}, sent again ${row.duplicates} times`,
          organisation: row.organisation,
          served: served?.path,
          'served since': served === null ? null : `${humanTime(served.receivedAt)} from ${served.callingAET}`,
        },
      );
    }
  });
}

const PAGE = 1000;

/** By its id, or all under one SOP Instance UID, newest first. */
async function conflictsOf(index: IndexService, wanted: string): Promise<ConflictRow[]> {
  const found: ConflictRow[] = [];
  if (!wanted.includes('.')) {
    const id = Number(wanted);
    return (await index.listConflicts(1, id + 1)).filter((row) => row.conflictId === id);
  }
  for (let before: number | undefined; ;) {
    const page = await index.listConflicts(PAGE, before);
    found.push(...page.filter((row) => row.sopInstanceUid === wanted));
    before = page.at(-1)?.conflictId;
    if (page.length < PAGE) return found;
  }
}
