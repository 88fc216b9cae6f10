import { benchFindScale } from './find-scale.ts';
import { measureRound, printFigures, toFigures } from './measure.ts';
import type { Figures, Round } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { generateFind, generateStore } from './run-generator.ts';
import { startServer } from './servers.ts';
import type { Server, ServerName } from './servers.ts';

const LOADED_RUN = 200_000_000;
const OBJECTS_PER_STUDY = 4;
const QUERIES = 200;
const KEYS = ['patient', 'accession', 'study'] as const;

/** C-FIND for one study by each key, from request to last response, over an index of `studies` small studies, or over the big one. */
export async function benchFind(folder: string, options: BenchOptions): Promise<Figures[]> {
  if (options.scale > 0) return benchFindScale(folder, options);
  await using stack = new AsyncDisposableStack();
  const servers: Server[] = [];
  for (const name of options.targets) {
    const server = stack.use(await startServer(name as ServerName));
    await load(server, options.studies);
    const warmUp = {
      by: 'study' as const,
      of: { run: LOADED_RUN },
      studies: options.studies,
      queries: QUERIES,
      associations: 1,
    };
    await generateFind({ target: server.target, ...warmUp });
    servers.push(server);
  }
  const all: Figures[] = [];
  for (const associations of options.associations) {
    for (const by of KEYS) {
      const rounds = new Map<string, Round[]>();
      for (let round = 0; round < options.rounds; round++) {
        for (const server of servers) {
          const job = { by, of: { run: LOADED_RUN }, studies: options.studies, queries: QUERIES, associations };
          const measured = await measureRound(server, () => generateFind({ target: server.target, ...job }));
          rounds.set(server.name, [...(rounds.get(server.name) ?? []), measured]);
        }
      }
      const figures = [...rounds].map(([name, each]) => toFigures(name, each));
      all.push(...figures);
      printFigures(`C-FIND by ${by}, ${options.studies} studies, associations: ${associations}`, figures);
    }
  }
  return all;
}

// One association: dcmqrscp loses objects when several store at once.
async function load(server: Server, studies: number): Promise<void> {
  const job = { kind: 'tiny' as const, associations: 1, objects: studies * OBJECTS_PER_STUDY, run: LOADED_RUN };
  const { seconds, failures, firstFailure } = await generateStore({ target: server.target, ...job });
  console.log(`${server.name}: ${job.objects} objects loaded in ${seconds.toFixed(1)} s`);
  if (failures > 0) throw new Error(`${server.name}: ${failures} objects not stored: ${firstFailure ?? ''}`);
}
