import type { AccessLogName, CheckedSlice, LogHead } from '../index/access-log/access-log-types.ts';
import type { IndexService } from '../index/index-service.ts';
import type { LogStore } from './access-log.ts';
import type { CheckedLog } from './verify-log.ts';

/** The logs where they are kept: in the node's database. */
export function indexLogStore(index: Pick<IndexService, 'read' | 'write'>): LogStore & CheckedLog {
  return {
    append: (log, entries) => index.write('accessLogAppend', log, entries),
    size: (log) => index.read('accessLogSize', log),
    root: (log, size) => index.read('accessLogRoot', log, size),
    lastHead: (log): Promise<LogHead | undefined> => index.read('accessLogLastHead', log),
    heads: (log: AccessLogName): Promise<LogHead[]> => index.read('accessLogHeads', log),
    putHead: (head) => index.write('accessLogHeadPut', head),
    check: (log, state, limit, sizes): Promise<CheckedSlice> => index.read('accessLogCheck', log, state, limit, sizes),
  };
}
