import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { IndexService } from '../index/index-service.ts';
import type { NewInstance } from '../index/index-types.ts';

const inflate = promisify(inflateRaw);
const PAGE = 500;

/** What the index was told of the instances that are in an archive alone. */
export async function* evictedRows(index: Pick<IndexService, 'read'>): AsyncGenerator<NewInstance> {
  for (let after: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(index, after);
    for (const { described } of page) yield JSON.parse((await inflate(described)).toString()) as NewInstance;
    after = page.at(-1)?.sopInstanceUid ?? null;
    if (page.length < PAGE) return;
  }
}

function readPage(index: Pick<IndexService, 'read'>, after: string | null) {
  return index.read('evictedPage', after, PAGE);
}
