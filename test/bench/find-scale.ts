import { mkdirSync, symlinkSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { NodeProcess } from '../support/node-process.ts';
import { measureRound, printFigures, toFigures } from './measure.ts';
import type { Figures, Round } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { generateFind } from './run-generator.ts';
import { fillScaleIndex } from './scale-index.ts';
import type { Server } from './servers.ts';

const QUERIES = 1000;
const KEYS = ['patient', 'accession', 'study'] as const;

/** C-FIND over DIMSE by each key at the size of a large archive, from request to last response; the time to start; a query with many matches. */
export async function benchFindScale(
  folder: string,
  { scale, rounds, associations }: BenchOptions,
): Promise<Figures[]> {
  const database = join(folder, '..', `scale-${scale}`, 'kuva.sqlite');
  fillScaleIndex(database, scale);
  await using node = await NodeProcess.start({
    sections: { index: { findLimit: 0 } },
    prepare: (root) => {
      mkdirSync(root, { recursive: true });
      symlinkSync(database, join(root, 'kuva.sqlite'));
    },
  });
  await node.stop();
  const begun = performance.now();
  await node.start();
  console.log(`started in ${(performance.now() - begun).toFixed(0)} ms, the process itself included`);

  const target = { port: node.dicomPort, calledAET: node.aet, callingAET: 'BENCH' };
  const server: Server = { name: 'kuva', target, pid: node.pid, [Symbol.asyncDispose]: async () => undefined };
  const job = { target, of: 'scale', studies: scale } as const;
  const all: Figures[] = [];
  for (const atOnce of associations) {
    for (const by of KEYS) {
      const measured: Round[] = [];
      for (let round = 0; round < rounds; round++) {
        measured.push(
          await measureRound(server, () => generateFind({ ...job, by, queries: QUERIES, associations: atOnce })),
        );
      }
      const figures = toFigures('kuva', measured);
      all.push(figures);
      const load = (loadavg()[0] ?? 0).toFixed(1);
      printFigures(`C-FIND by ${by}, ${scale} studies, associations: ${atOnce}, load of the machine ${load}`, [
        figures,
      ]);
    }
  }
  const { matches, seconds } = await generateFind({ ...job, by: 'name', queries: 1, associations: 1 });
  console.log(
    `\nname prefix: ${matches} matches in ${seconds.toFixed(2)} s, ${Math.round(matches / seconds)} a second`,
  );
  return all;
}
