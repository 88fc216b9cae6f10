import { Writable } from 'node:stream';
import { runCli } from '../../src/cli.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { Cli } from './kuva.ts';
import { REPO } from './kuva.ts';

/** The command line on a storage of its own, without a process for each command: many times faster, for tests of many commands. */
export async function openInProcessCli(env: Record<string, string> = {}): Promise<Cli> {
  const dir = await tempDir('kuva-cli-');
  const storage = dir.file('storage');
  const run = async (...args: string[]) => {
    let [stdout, stderr, output, code] = ['', '', '', 0];
    await runCli(
      args,
      {
        stdin: process.stdin,
        stdout: collector((text) => {
          stdout += text;
          output += text;
        }),
        stderr: collector((text) => {
          stderr += text;
          output += text;
        }),
        env: { KUVA_STORAGE__ROOT: storage, KUVA_STORAGE__RESERVE_BYTES: '0', ...env },
        cwd: dir.path,
        home: REPO,
        loadNode: needsProcess,
        loadEgress: needsProcess,
        parent: undefined,
        setExitCode: (exitCode) => (code = exitCode),
      },
      'test',
    );
    return { code, signal: null, stdout, stderr, output };
  };
  return {
    storage,
    file: dir.file,
    run,
    async json<T>(expectedCode: number, ...args: string[]) {
      const { code, stdout, output } = await run(...args, '--json');
      if (code !== expectedCode) throw new Error(`kuva ${args.join(' ')}: exit ${code}\n${output}`);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T);
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

function needsProcess(): Promise<never> {
  return Promise.reject(new Error('a test that starts a node needs a process'));
}

function collector(add: (text: string) => void): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      add(chunk.toString('utf8'));
      done();
    },
  });
}
