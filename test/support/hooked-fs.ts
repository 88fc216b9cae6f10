import { nodeStoreFs } from '../../src/store/store-fs.ts';
import type { StoreFs } from '../../src/store/store-fs.ts';

export type FsOperation = keyof StoreFs;
export type FsHook = (operation: FsOperation, argument: string | number) => Promise<void> | void;

/** The real file system, with `hook` called before each call: it may throw, or wait. The argument is the path or descriptor. */
export function hookedFs(hook: FsHook): StoreFs {
  return new Proxy(nodeStoreFs, {
    get(target, operation: FsOperation) {
      const real = target[operation] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]): Promise<unknown> => {
        await hook(operation, args[0] as string | number);
        return real(...args);
      };
    },
  });
}

/** An error as the operating system would give it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** A gate that calls wait at until it is opened, and that tells when the first one has arrived. */
export function gate(): {
  readonly reached: Promise<void>;
  readonly wait: () => Promise<void>;
  readonly open: () => void;
} {
  const arrival = Promise.withResolvers<void>();
  const opening = Promise.withResolvers<void>();
  return {
    reached: arrival.promise,
    wait: () => {
      arrival.resolve();
      return opening.promise;
    },
    open: opening.resolve,
  };
}
