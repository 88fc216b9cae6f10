import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { IndexService } from '../index-service.ts';

/** The path of a database that does not exist yet, in a folder that goes when the test has ended. */
export function databaseFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kuva-index-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'kuva.sqlite');
}

/** An index that closes when the test has ended. */
export async function openIndex(
  path: string = databaseFile(),
  readers: number = 1,
  underControl: boolean = false,
): Promise<IndexService> {
  const index = await IndexService.open({ path, readers, underControl });
  onTestFinished(() => index.close());
  return index;
}

export async function allOf<Row>(batches: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}
