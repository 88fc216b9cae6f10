import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Threads that tests begin strip types in WebAssembly, and many of them in one process bring V8 down now and then (its map of code pages:
// "Check failed: jit_page.has_value()"). What is compiled already is not stripped; the launcher of the program does the same.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/kuva');

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
