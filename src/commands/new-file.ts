import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../core/errors.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';

/**
 * A file that an option names and that can be made, asked before any work: what is read for it is logged, or used up.
 * @throws UsageError when it is there already, or its folder is not
 */
export function newFile(
  cwd: string,
  option: string,
  file: string,
): { readonly path: string; write(content: string | Buffer): void } {
  const path = resolve(cwd, file);
  if (existsSync(path)) throw new UsageError(`${option} ${file}: the file is there already; give another name`);
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`${option} ${file}: there is no folder ${dirname(path)}; make it, or give another`);
  return {
    path,
    write: (content) => {
      try {
        writeFileSync(path, content, { flag: 'wx' });
      } catch (error) {
        const code = errorCode(error);
        // Half a file would be taken for one, and stand in the way of the next.
        if (code !== 'EEXIST') rmSync(path, { force: true });
        throw new CommandFailedError(`${option} ${file}: the file cannot be written (${code})`);
      }
    },
  };
}
