import { readFile, writeFile } from 'node:fs/promises';
import { freePort } from './free-port.ts';
import { RunningProcess } from './run-process.ts';
import { tempDir } from './temp-dir.ts';
import type { TempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

/** A DICOM peer that Orthanc knows; it aborts C-FIND and C-MOVE from anyone else. */
export interface OrthancModality {
  readonly aet: string;
  readonly port: number;
  readonly host?: string;
}

export interface StorageCommitmentReport {
  readonly Status: 'Pending' | 'Success' | 'Failure';
  readonly Success?: readonly { SOPClassUID: string; SOPInstanceUID: string }[];
  readonly Failures?: readonly { SOPClassUID: string; SOPInstanceUID: string; FailureReason: number }[];
}

/** Orthanc with an empty store in a temporary directory, on free ports of loopback. */
export class Orthanc implements AsyncDisposable {
  readonly aet: string;
  readonly dicomPort: number;
  readonly httpPort: number;
  readonly #process: RunningProcess;
  readonly #dir: TempDir;

  private constructor(aet: string, dicomPort: number, httpPort: number, process: RunningProcess, dir: TempDir) {
    this.aet = aet;
    this.dicomPort = dicomPort;
    this.httpPort = httpPort;
    this.#process = process;
    this.#dir = dir;
  }

  /** `dicomPort` is asked for beforehand when the node must know it before Orthanc starts. */
  static async start(
    aet: string,
    modalities: Readonly<Record<string, OrthancModality>> = {},
    ports: { dicomPort?: number } = {},
  ): Promise<Orthanc> {
    const dir = await tempDir('kuva-orthanc-');
    const dicomPort = ports.dicomPort ?? (await freePort());
    const httpPort = await freePort();
    const config = {
      Name: aet,
      DicomAet: aet,
      DicomPort: dicomPort,
      HttpPort: httpPort,
      StorageDirectory: dir.file('db'),
      IndexDirectory: dir.file('db'),
      Plugins: [],
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      DicomAlwaysAllowFind: true,
      DicomAlwaysAllowMove: true,
      DicomAlwaysAllowGet: true,
      UnknownSopClassAccepted: true,
      OverwriteInstances: false,
      StableAge: 1,
      CaseSensitivePN: false,
      DicomModalities: Object.fromEntries(
        Object.entries(modalities).map(([name, m]) => [
          name,
          { AET: m.aet, Host: m.host ?? '127.0.0.1', Port: m.port, AllowStorageCommitment: true },
        ]),
      ),
    };
    await writeFile(dir.file('orthanc.json'), JSON.stringify(config));
    const process = new RunningProcess('Orthanc', [dir.file('orthanc.json')], { env: { TCP_NODELAY: '1' } });
    const orthanc = new Orthanc(aet, dicomPort, httpPort, process, dir);
    try {
      await waitFor('Orthanc', () => orthanc.get('/system'), 30_000);
    } catch (error) {
      await orthanc[Symbol.asyncDispose]();
      throw new Error(`Orthanc did not start:\n${process.output()}`, { cause: error });
    }
    return orthanc;
  }

  output(): string {
    return this.#process.output();
  }

  async #rest(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>): Promise<Response> {
    const init: RequestInit = { method, signal: AbortSignal.timeout(60_000) };
    if (body !== undefined) init.body = body;
    const response = await fetch(`http://127.0.0.1:${this.httpPort}${path}`, init);
    if (!response.ok) throw new Error(`Orthanc ${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.#rest('GET', path)).json()) as T;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return (await (await this.#rest('POST', path, JSON.stringify(body))).json()) as T;
  }

  /** Puts a file into Orthanc over HTTP; gives its Orthanc id. */
  async upload(path: string): Promise<string> {
    const file = await readFile(path);
    const answer = (await (await this.#rest('POST', '/instances', new Uint8Array(file))).json()) as { ID: string };
    return answer.ID;
  }

  async remove(path: string): Promise<void> {
    await this.#rest('DELETE', path);
  }

  instances(): Promise<string[]> {
    return this.get('/instances');
  }

  studies(): Promise<string[]> {
    return this.get('/studies');
  }

  /** The Part 10 file as Orthanc keeps it. */
  async file(id: string): Promise<Buffer> {
    return Buffer.from(await (await this.#rest('GET', `/instances/${id}/file`)).arrayBuffer());
  }

  /** C-STORE of resources to a modality; waits for the job's end. */
  store(
    modality: string,
    resources: readonly string[],
  ): Promise<{ FailedInstancesCount: number; InstancesCount: number }> {
    return this.post(`/modalities/${modality}/store`, { Resources: resources, Synchronous: true });
  }

  /** Asks a modality for storage commitment and waits for the report. */
  async commit(modality: string, resources: readonly string[], timeoutMs = 30_000): Promise<StorageCommitmentReport> {
    const { Path } = await this.post<{ Path: string }>(`/modalities/${modality}/storage-commitment`, {
      Resources: resources,
    });
    return waitFor(
      'a storage commitment report',
      async () => {
        const report = await this.get<StorageCommitmentReport>(Path);
        return report.Status === 'Pending' ? undefined : report;
      },
      timeoutMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
    await this.#dir[Symbol.asyncDispose]();
  }
}
