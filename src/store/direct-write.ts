import * as fs from 'node:fs';
import { beginsPage, PAGE_BYTES } from './page-memory.ts';

// Undefined where the system has no such thing.
const O_DIRECT = (fs.constants as { readonly O_DIRECT?: number }).O_DIRECT;

/** What can go past the page cache: the chunks up to the last whole page, as long as each begins a page and the one before it ended one. */
export function wholePages(chunks: readonly Buffer[], position: number): Buffer[] {
  const pages: Buffer[] = [];
  if (O_DIRECT === undefined || position % PAGE_BYTES !== 0) return pages;
  for (const chunk of chunks) {
    if (!beginsPage(chunk)) break;
    const whole = chunk.length - (chunk.length % PAGE_BYTES);
    if (whole > 0) pages.push(whole === chunk.length ? chunk : chunk.subarray(0, whole));
    if (whole < chunk.length) break;
  }
  return pages;
}

/**
 * Writes whole pages straight from their memory to the disk, past the page cache: an object is hardly read soon, and copying it into
 * pages that are new for it can cost more CPU than hashing it. The descriptor of the caller stays as it is; the same file is opened a second time. Its other
 * pages may be written the usual way at the same time. Nothing is durable before the caller's sync.
 * @returns bytes written; what is missing, on a file system that has no such way or after an error, is the caller's to write
 */
export async function writeDirect(fd: number, pages: readonly Buffer[], position: number): Promise<number> {
  let direct: number;
  try {
    direct = fs.openSync(`/proc/self/fd/${fd}`, fs.constants.O_WRONLY | (O_DIRECT ?? 0));
  } catch {
    return 0;
  }
  const { promise, resolve } = Promise.withResolvers<number>();
  fs.writev(direct, pages, position, (error, written) => resolve(error === null ? written : 0));
  const written = await promise;
  fs.closeSync(direct);
  return written;
}
