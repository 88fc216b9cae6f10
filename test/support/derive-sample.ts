import { copyFileSync } from 'node:fs';
import { DCMTK_ENV } from './dcmtk.ts';
import { runProcess } from './run-process.ts';
import { samplePath } from './samples.ts';
import type { TempDir } from './temp-dir.ts';

/** The study that `deriveStudy` makes. */
export const DERIVED_STUDY = '2.25.77000';

/** `count` copies of a sample as one study and series of its own, each with another SOP Instance UID (`2.25.77001`, …). */
export async function deriveStudy(
  dir: TempDir,
  sample: string,
  count: number,
  tags: readonly string[] = [],
): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 1; i <= count; i++) {
    const path = dir.file(`derived-${i}.dcm`);
    copyFileSync(samplePath(sample), path);
    const changes = [
      `0008,0018=2.25.${77000 + i}`,
      `0020,0013=${i}`,
      `0020,000d=${DERIVED_STUDY}`,
      '0020,000e=2.25.78000',
      ...tags,
    ];
    const args = ['-nb', ...changes.flatMap((change) => ['-m', change]), path];
    const result = await runProcess('dcmodify', args, { env: DCMTK_ENV });
    if (result.code !== 0) throw new Error(`dcmodify: ${result.output}`);
    paths.push(path);
  }
  return paths;
}
