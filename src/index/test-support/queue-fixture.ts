import { onTestFinished } from 'vitest';
import { openWriter } from '../database.ts';
import type { IndexService } from '../index-service.ts';
import { READ_OPERATIONS } from '../reader/read-operations.ts';
import { StatementCache } from '../reader/statement-cache.ts';
import { GroupCommit } from '../writer/group-commit.ts';
import { IndexWriter } from '../writer/index-writer.ts';
import type { WriteOperations } from '../writer/index-writer.ts';
import { databaseFile } from './database-file.ts';
import { newInstance } from './new-instance.ts';

const DESTINATION = 'national';
const HOUR = 3_600_000;

type Asked = Pick<
  IndexService,
  'read' | 'write' | 'addInstance' | 'clearIndex' | 'indexedObjects' | 'markDurable' | 'changeIdentity' | 'undoIdentity'
>;

/** An index whose new instances are marked for the queue, without threads, and the steps that an engine makes. */
export function openQueuedIndex(path: string = databaseFile()) {
  const db = openWriter(path);
  onTestFinished(() => void db.close());
  const writer = new IndexWriter(db, { queue: true, underControl: false });
  const group = new GroupCommit(db, writer);
  const statements = new StatementCache(db);
  const change = async (operation: keyof WriteOperations, ...args: readonly unknown[]): Promise<unknown> => {
    const [outcome] = group.run([{ id: 1, operation, args }]).outcomes;
    if (outcome === undefined || 'error' in outcome) throw outcome?.error ?? new Error('no outcome');
    return outcome.value;
  };
  const read = async (operation: keyof typeof READ_OPERATIONS, ...args: readonly unknown[]): Promise<unknown> =>
    (READ_OPERATIONS[operation] as (statements: StatementCache, ...args: readonly unknown[]) => unknown)(
      statements,
      ...args,
    );
  const index: Asked = {
    read: read as Asked['read'],
    write: change as Asked['write'],
    addInstance: (instance) => change('addInstance', instance) as ReturnType<Asked['addInstance']>,
    changeIdentity: (said) => change('changeIdentity', said) as ReturnType<Asked['changeIdentity']>,
    undoIdentity: (...of) => change('undoIdentity', ...of) as ReturnType<Asked['undoIdentity']>,
    markDurable: (instanceId) => writer.noteDurable([instanceId]),
    indexedObjects: (sha256) => read('indexedObjects', sha256) as ReturnType<Asked['indexedObjects']>,
    clearIndex: () => change('clearIndex') as ReturnType<Asked['clearIndex']>,
  };

  let clock = Date.UTC(2026, 10, 22);
  const opening = { destinations: [DESTINATION], quietMs: HOUR, deadlineMs: 24 * HOUR, limit: 1000 };
  const open = () => index.write('queueOpen', { ...opening, at: clock });
  const complete = () => index.write('queueComplete', { ...opening, at: clock });
  return {
    db,
    index,
    now: () => clock,
    /** As if the archive had answered for all of them. */
    instancesAre: (jobId: number, state: 'SENT' | 'COMMITTED'): void =>
      void db.prepare('UPDATE egress_instance SET state = ? WHERE job_id = ?').run(state, jobId),
    pass: (ms: number): void => void (clock += ms),
    add: (study: string, sop: string, organisation: string | null = null) =>
      index.addInstance(newInstance({ study, sop: `${study}.1.${sop}`, receivedAt: clock, organisation })),
    open,
    complete,
    /** What was received becomes QUEUED, with a quiet time in between. */
    async queueAll(): Promise<void> {
      await open();
      clock += HOUR;
      await complete();
      for (const job of await index.read('queueToJudge', 1000)) {
        await index.write('queueJudge', {
          jobId: job.id,
          at: clock,
          actor: 'egress',
          findings: [],
          controller: '1.2.246.10.1',
          contentType: 'radiology',
          callingAet: 'KUVA',
          priority: job.priority,
        });
      }
    },
    jobs: (study: string) => index.read('queueJobsOfStudy', study),
  };
}
