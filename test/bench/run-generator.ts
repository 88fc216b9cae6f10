import { join } from 'node:path';
import { runProcess } from '../support/run-process.ts';
import type { FindLoad, FindResult } from './find-load.ts';
import type { LargeLoad, LargeResult } from './large-load.ts';
import type { MoveLoad, MoveResult } from './move-load.ts';
import type { LoadResult, StoreLoad } from './store-load.ts';

const LIMIT_MS = 300_000;

async function run<Job, Result>(name: string, job: Job): Promise<Result> {
  const generator = join(import.meta.dirname, 'generator.ts');
  const { code, stdout, output } = await runProcess(process.execPath, [generator, name, JSON.stringify(job)], {
    timeoutMs: LIMIT_MS,
  });
  if (code !== 0) throw new Error(`the load generator ended with ${code}:\n${output}`);
  return JSON.parse(stdout) as Result;
}

export const generateStore = (job: StoreLoad) => run<StoreLoad, LoadResult>('store', job);
export const generateFind = (job: FindLoad) => run<FindLoad, FindResult>('find', job);
export const generateMove = (job: MoveLoad) => run<MoveLoad, MoveResult>('move', job);
export const generateLarge = (job: LargeLoad) => run<LargeLoad, LargeResult>('large', job);
