// A process of its own, so that its work counts neither as the server's nor as the bench's: one JSON job in, one JSON result out.
import { runFindLoad } from './find-load.ts';
import { runLargeLoad } from './large-load.ts';
import { runMoveLoad } from './move-load.ts';
import { runStoreLoad } from './store-load.ts';

const LOADS = { store: runStoreLoad, find: runFindLoad, move: runMoveLoad, large: runLargeLoad };

const [name, job] = process.argv.slice(2);
const load = LOADS[name as keyof typeof LOADS] as (job: unknown) => Promise<unknown>;
process.stdout.write(JSON.stringify(await load(JSON.parse(job ?? ''))));
