import { extname } from 'node:path';

/** The file of a worker thread, with the ending that this program itself runs under: `.ts` as it is, `.js` when built. */
export function threadPath(relativeWithoutEnding: string): URL {
  return new URL(`${relativeWithoutEnding}${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
}
