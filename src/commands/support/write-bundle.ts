import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode } from '../../core/errors.ts';
import { withoutIdentityCodes } from '../../support/without-patients.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';

/** One file of a bundle. */
export interface BundlePart {
  readonly file: string;
  /** What is in it, for who opens the folder. */
  readonly what: string;
  readonly text: string;
}

export interface WrittenBundle {
  readonly folder: string;
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly what: string }[];
}

/** Writes the parts, and a list of them, into a folder that is made for it. @throws UsageError when it is there already */
export function writeBundle(cwd: string, folder: string, parts: readonly BundlePart[]): WrittenBundle {
  const target = resolve(cwd, folder);
  try {
    mkdirSync(target);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') throw new UsageError(`${folder} is there already: give the name of a new folder`);
    if (code === 'ENOENT')
      throw new UsageError(`${folder}: the folder above it is not there; make it, or give another`);
    throw new CommandFailedError(`${folder} cannot be made (${code})`);
  }
  const list = parts.map(({ file, what }) => `${file}: ${what}\n`).join('');
  const all = [{ file: 'README.txt', what: 'what is in this folder', text: list }, ...parts];
  return {
    folder: target,
    files: all.map(({ file, what, text }) => {
      const content = Buffer.from(withoutIdentityCodes(text));
      try {
        writeFileSync(join(target, file), content, { flag: 'wx' });
      } catch (error) {
        throw new CommandFailedError(`${join(folder, file)} cannot be written (${errorCode(error)})`);
      }
      return { file, bytes: content.length, what };
    }),
  };
}
