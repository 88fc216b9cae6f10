import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const DEFAULT_PROFILE = 'profiles/kuv-sim-1.yaml';

/**
 * The absolute path of a data file that comes with the program, named relative to `config/`. That folder stands beside `src/`; the build
 * has a copy beside the compiled modules, so that dist/ is complete by itself.
 */
export function shippedFile(name: string): string {
  const built = join(import.meta.dirname, name);
  return existsSync(built) ? built : join(import.meta.dirname, '../../config', name);
}
