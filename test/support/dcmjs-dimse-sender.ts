import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runProcess } from './run-process.ts';
import type { Peer } from './dcmtk.ts';

/** What dcmjs-dimse reported for one file. */
export interface SenderResult {
  readonly file: string;
  /** status of its C-STORE response, undefined when there was none */
  readonly status: number | undefined;
  readonly error?: string;
}

interface SenderJob {
  readonly peer: Peer;
  readonly files: readonly string[];
}

/**
 * Stores files with dcmjs-dimse, each on an association of its own, in a child process: the library changes global
 * state (loglevel's root) when it is imported.
 */
export async function sendWithDcmjsDimse(peer: Peer, files: readonly string[]): Promise<SenderResult[]> {
  const job: SenderJob = { peer, files };
  const script = fileURLToPath(import.meta.url);
  const result = await runProcess(process.execPath, [script, JSON.stringify(job)], { timeoutMs: 300_000 });
  const line = result.stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`dcmjs-dimse sender gave no result:\n${result.output}`);
  return JSON.parse(line.slice('RESULT '.length)) as SenderResult[];
}

// The parts of dcmjs-dimse used here; it is CommonJS.
interface Emitter {
  on(event: string, listener: (argument: { getStatus(): number } & Error) => void): void;
}
interface DcmjsDimse {
  Client: new () => Emitter & {
    addRequest(request: Emitter): void;
    send(host: string, port: number, callingAET: string, calledAET: string): void;
  };
  log: { disableAll(): void };
  requests: { CStoreRequest: new (file: string) => Emitter };
}

async function sendOne(library: DcmjsDimse, peer: Peer, file: string): Promise<SenderResult> {
  let status: number | undefined;
  let error: string | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const request = new library.requests.CStoreRequest(file);
      request.on('response', (response) => {
        status = response.getStatus();
      });
      const client = new library.Client();
      client.addRequest(request);
      client.on('closed', () => resolve());
      client.on('networkError', reject);
      // Some data sets make the library stop without an event.
      setTimeout(() => reject(new Error('no event of the library within 3 s')), 3000).unref();
      client.send('127.0.0.1', peer.port, peer.callingAET, peer.calledAET);
    });
  } catch (thrown) {
    error = String(thrown);
  }
  return { file, status, ...(error === undefined ? {} : { error }) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const job = JSON.parse(process.argv[2]!) as SenderJob;
  const library = createRequire(import.meta.url)('dcmjs-dimse') as DcmjsDimse;
  library.log.disableAll();
  // One poisoned file must not take the results of the others with it.
  process.on('uncaughtException', () => undefined);
  const results: SenderResult[] = [];
  for (const file of job.files) results.push(await sendOne(library, job.peer, file));
  console.log(`RESULT ${JSON.stringify(results)}`);
  process.exit(0);
}
