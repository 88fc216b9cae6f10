import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { succeeded } from '../support/run-process.ts';
import { SimProcess } from '../support/sim-archive.ts';
import type { TempDir } from '../support/temp-dir.ts';
import { ORGANISATIONS } from './soak-studies.ts';

const REPO = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Rules of the simulated archive that hold for the whole soak: what it never takes. */
export type SteadyRules = readonly object[];

interface WorldTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A node of three organisations with its registers filled, and an archive beside it. */
export class EgressWorld implements AsyncDisposable {
  readonly node: NodeProcess;
  readonly archive: SimProcess;
  readonly #script: string;
  readonly #steady: SteadyRules;

  private constructor(node: NodeProcess, archive: SimProcess, script: string, steady: SteadyRules) {
    this.node = node;
    this.archive = archive;
    this.#script = script;
    this.#steady = steady;
  }

  /** `tls`: paths of what both sides show and trust; everything is TLS then. */
  static async start(dir: TempDir, steady: SteadyRules, tls?: WorldTls): Promise<EgressWorld> {
    const port = await freePort();
    const script = dir.file('script.json');
    writeFileSync(script, JSON.stringify({ rules: steady }));
    const scheme = tls === undefined ? '' : 'tls:';
    const peers = ['KUVA', ...ORGANISATIONS.map(egressTitle)].flatMap((title) => [
      '--ae',
      `${title}=${scheme}127.0.0.1:${port}`,
    ]);
    const secured = tls === undefined ? [] : ['--tls-cert', tls.cert, '--tls-key', tls.key, '--tls-ca', tls.ca];
    const archive = await SimProcess.start(
      dir.path,
      '--keep',
      dir.file('archive'),
      '--script',
      script,
      ...secured,
      ...peers,
    );
    const node = await startHospital(dir, port, archive.port, tls);
    return new EgressWorld(node, archive, script, steady);
  }

  /** What the archive does from now on. */
  follow(rules: readonly object[]): void {
    writeFileSync(this.#script, JSON.stringify({ rules: [...this.#steady, ...rules] }));
    this.archive.signal('SIGHUP');
  }

  /** Processes that the node has started: the one that forwards. */
  egressPids(): number[] {
    try {
      const children = readFileSync(`/proc/${this.node.pid}/task/${this.node.pid}/children`, 'utf8');
      // Never 0: that would be a whole process group, this one's.
      return children
        .split(' ')
        .map(Number)
        .filter((pid) => pid > 1);
    } catch {
      return [];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
    await this.archive[Symbol.asyncDispose]();
  }
}

export function modality(organisation: string): string {
  return `MOD_${organisation.toUpperCase()}`;
}

export function egressTitle(organisation: string): string {
  return `EG_${organisation.toUpperCase()}`;
}

/** The shipped profile without the gate of care documents: there are none here. */
function profile(dir: TempDir): string {
  const tree = parse(readFileSync(join(REPO, 'config/profiles/kuv-sim-1.yaml'), 'utf8')) as {
    documents: { gate: { enabled: boolean } };
  };
  tree.documents.gate.enabled = false;
  const path = dir.file('profile.yaml');
  writeFileSync(path, stringify(tree, { defaultStringType: 'QUOTE_SINGLE' }));
  return path;
}

/** A node of three organisations that forwards to an archive on this machine, with its registers filled. */
export async function startHospital(
  dir: TempDir,
  port: number,
  archivePort: number,
  tls?: WorldTls,
): Promise<NodeProcess> {
  const node = await NodeProcess.start({
    aes: ORGANISATIONS.map((key, i) => ({ aet: modality(key), port: 10_000 + i, options: ['--organisation', key] })),
    sections: {
      node: { aeTitle: 'KUVA', aliases: ORGANISATIONS.map(egressTitle) },
      dicom: { host: '127.0.0.1', port, ...(tls === undefined ? {} : { tls }) },
      profile: profile(dir),
      egress: {
        destination: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: archivePort, tls: tls !== undefined, window: 4 },
        quietTime: '500ms',
        retry: '500x200ms',
        breaker: { threshold: 5, openFor: '200ms', maxOpenFor: '500ms' },
        commitment: { sameAssociationWait: '200ms', answerWithin: '2s' },
        reconcileEvery: null,
      },
    },
  });
  try {
    await fillRegisters(node, dir);
    return node;
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
}

async function fillRegisters(node: NodeProcess, dir: TempDir): Promise<void> {
  const file = dir.file('organisations.yaml');
  const from = '2021-01-01';
  const organisations = ORGANISATIONS.map((key, i) => ({
    key,
    name: `${key} test organisation`,
    businessId: ['9000001-1', '9000003-8', '9000004-6'][i],
    kind: 'public',
    registerCode: '2',
    egressAet: egressTitle(key),
    systemEntity: 'soak',
    enablements: ['radiology', 'ecg'].map((contentType) => ({ contentType, state: 'TEST', from })),
  }));
  writeFileSync(file, stringify({ organisations }));
  const examples = join(REPO, 'config/examples');
  const cert = ['cert', 'add', 'R-1', '--system', 'soak', '--system-version', '1', '--class', 'A2'];
  const valid = ['--joint-test', '2024-03-01', '--valid-to', '2099-01-01'];
  await Promise.all(
    [
      ['org', 'import', file],
      ['codes', 'import', join(examples, 'codes-radiology-fictitious.json'), '--list', '1.2.246.10.90000003.6.4'],
      ['codes', 'import', join(examples, 'codes-ecg-fictitious.csv'), '--list', '1.2.246.10.90000003.6.2'],
      [...cert, '--content-type', 'radiology,ecg', '--spec-version', '2.4.1', ...valid],
    ].map((args) => succeeded(node.kuva(...args))),
  );
}
