import { AccessLog } from '../access-log/access-log.ts';
import { indexLogStore } from '../access-log/index-log-store.ts';
import { openLogKey } from '../access-log/log-key.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import type { LogHead } from '../index/access-log/access-log-types.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';

/** Signs the heads of a running node's use log and disclosure log now and then. */
export interface NodeAccessLog {
  start(): void;
  /** Signs what is new. */
  close(): Promise<void>;
}

/** `publish` takes a head off the machine, beside the node's own log. @throws ConfigError for a key that cannot be used */
export function createAccessLog(
  config: Config,
  index: IndexService,
  logger: Logger,
  publish: (head: LogHead) => void,
): NodeAccessLog {
  const log = new AccessLog({
    store: indexLogStore(index),
    key: openLogKey(config.accessLog.signingKey ?? storagePaths(config).logKey),
    node: config.node.aeTitle,
    now: Date.now,
    publish: (head) => {
      // Whoever collects this log has a witness that nobody on this machine can change.
      logger.info(`${head.log} log signed`, { entries: head.size, root: head.root, head: head.note });
      publish(head);
    },
  });
  const sign = (): Promise<unknown> =>
    log.signHeads().catch((error: unknown) => logger.warn('the heads of the logs were not signed', { error }));
  let timer: NodeJS.Timeout | undefined;
  return {
    start() {
      void sign();
      timer = setInterval(() => void sign(), config.accessLog.headInterval);
    },
    async close() {
      clearInterval(timer);
      await sign();
    },
  };
}
