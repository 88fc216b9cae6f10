import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, waitForPort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { RunningProcess } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Target } from './raw-association.ts';

/** A server under measurement, with an empty store of its own on the bench's disk. */
export interface Server extends AsyncDisposable {
  readonly name: ServerName;
  readonly target: Target;
  readonly pid: number;
}

/** `kuva-unlogged` is our node without a use log of C-FIND, C-MOVE and C-GET. */
export type ServerName = 'kuva' | 'kuva-unlogged' | 'storescp' | 'orthanc' | 'dcmqrscp';

/** Where C-MOVE shall send to. */
export interface Destination {
  readonly aet: string;
  readonly port: number;
}

const CALLING_AET = 'BENCH';
// Without it DCMTK's servers, Orthanc's included, wait for delayed acknowledgements: 44 ms an object.
const NO_DELAY = { TCP_NODELAY: '1' };
// The largest that DCMTK takes, so that no peer is slowed by its small default.
const DCMTK_MAX_PDU = 131_072;

export async function startServer(name: ServerName, destination?: Destination): Promise<Server> {
  if (name === 'kuva' || name === 'kuva-unlogged') return startKuva(name, destination);
  const dir = await tempDir(`kuva-bench-${name}-`);
  const port = await freePort();
  const process = START[name](dir, port, destination);
  try {
    await waitForPort(port, 30_000);
  } catch (error) {
    await process.stop('SIGKILL');
    throw new Error(`${name} did not start:\n${process.output()}`, { cause: error });
  }
  return {
    name,
    target: { port, calledAET: CALLED_AET[name], callingAET: CALLING_AET },
    pid: process.pid,
    [Symbol.asyncDispose]: async () => {
      await process.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A destination that takes objects and forgets them, or keeps them as files in the folder `keepIn`. */
export async function startSink(destination: Destination, keepIn?: string): Promise<AsyncDisposable> {
  const kept = keepIn === undefined ? ['--ignore'] : ['+B', '-od', keepIn];
  const process = new RunningProcess(
    'storescp',
    [...kept, '--fork', '-pdu', String(DCMTK_MAX_PDU), '-aet', destination.aet, String(destination.port)],
    { env: NO_DELAY },
  );
  await waitForPort(destination.port);
  return process;
}

async function startKuva(name: 'kuva' | 'kuva-unlogged', destination: Destination | undefined): Promise<Server> {
  const node = await NodeProcess.start({
    aes: destination === undefined ? [] : [destination],
    sections: {
      dicom: { limits: { associations: 256, perPeer: 256 } },
      storage: { prepareDirectories: true },
      accessLog: { withoutControl: name === 'kuva' },
    },
  });
  // The last of them: the archive is measured as it is when grown, as the durable limit is.
  await waitFor('the folders of the object tree', () => existsSync(join(node.storageRoot, 'objects/ff/ff')), 120_000);
  return {
    name,
    target: { port: node.dicomPort, calledAET: node.aet, callingAET: CALLING_AET },
    pid: node.pid,
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

const CALLED_AET = { storescp: 'STORESCP', orthanc: 'ORTHANC', dcmqrscp: 'QR' } as const;

const START: Record<
  Exclude<ServerName, 'kuva' | 'kuva-unlogged'>,
  (dir: TempDir, port: number, to?: Destination) => RunningProcess
> = {
  storescp: (dir, port) =>
    new RunningProcess('storescp', ['+B', '--fork', '-pdu', String(DCMTK_MAX_PDU), '-od', dir.path, String(port)], {
      env: NO_DELAY,
    }),

  orthanc: (dir, port) => {
    const config = {
      DicomAet: CALLED_AET.orthanc,
      DicomPort: port,
      HttpServerEnabled: false,
      StorageDirectory: dir.file('db'),
      IndexDirectory: dir.file('db'),
      Plugins: [],
      DicomAlwaysAllowFind: true,
      DicomThreadsCount: 16,
      MaximumPduLength: DCMTK_MAX_PDU,
      ConcurrentJobs: 2,
    };
    writeFileSync(dir.file('orthanc.json'), JSON.stringify(config));
    return new RunningProcess('Orthanc', [dir.file('orthanc.json')], { env: NO_DELAY });
  },

  dcmqrscp: (dir, port, to) => {
    mkdirSync(dir.file('db'));
    const hosts = to === undefined ? '' : `sink = (${to.aet}, localhost, ${to.port})\n`;
    const config = [
      `NetworkTCPPort = ${port}\nMaxPDUSize = ${DCMTK_MAX_PDU}\nMaxAssociations = 64`,
      `HostTable BEGIN\n${hosts}HostTable END`,
      'VendorTable BEGIN\nVendorTable END',
      `AETable BEGIN\n${CALLED_AET.dcmqrscp} ${dir.file('db')} RW (100000, 64gb) ANY\nAETable END\n`,
    ];
    writeFileSync(dir.file('dcmqrscp.cfg'), config.join('\n'));
    return new RunningProcess('dcmqrscp', ['-c', dir.file('dcmqrscp.cfg')], { env: NO_DELAY });
  },
};
