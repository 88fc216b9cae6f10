import { extname } from 'node:path';

/** The file of a worker thread beside its starter, with the ending that this program itself runs under: `.ts` as it is, `.js` when built. */
export function threadPath(starter: string, name: string): URL {
  return new URL(`./${name}${extname(new URL(starter).pathname)}`, starter);
}
