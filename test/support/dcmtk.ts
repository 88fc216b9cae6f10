import type { RequestorTls } from '../../src/dimse/tls-options.ts';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from './run-process.ts';
import type { ProcessResult } from './run-process.ts';

/** Where a DCMTK client connects, and as whom. */
export interface Peer {
  readonly port: number;
  readonly calledAET: string;
  readonly callingAET: string;
  /** for our own requestor */
  readonly tls?: RequestorTls;
}

/** Without it a DCMTK peer stalls 44 ms an object: Nagle's algorithm against delayed acknowledgements. */
export const DCMTK_ENV = { TCP_NODELAY: '1' };

/** storescu's option that proposes a transfer syntax (beside the uncompressed ones). */
const PROPOSE: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2': '-xi',
  '1.2.840.10008.1.2.1': '-xe',
  '1.2.840.10008.1.2.2': '-xb',
  '1.2.840.10008.1.2.1.99': '-xd',
  '1.2.840.10008.1.2.5': '-xr',
  '1.2.840.10008.1.2.4.50': '-xy',
  '1.2.840.10008.1.2.4.51': '-xx',
  '1.2.840.10008.1.2.4.70': '-xs',
  '1.2.840.10008.1.2.4.80': '-xt',
  '1.2.840.10008.1.2.4.81': '-xu',
  '1.2.840.10008.1.2.4.90': '-xv',
  '1.2.840.10008.1.2.4.91': '-xw',
};

function peerArgs(peer: Peer): string[] {
  return ['-aet', peer.callingAET, '-aec', peer.calledAET, '127.0.0.1', String(peer.port)];
}

function dcmtk(tool: string, args: readonly string[], timeoutMs = 60_000): Promise<ProcessResult> {
  return runProcess(tool, args, { env: DCMTK_ENV, timeoutMs });
}

export function echoscu(peer: Peer, extra: readonly string[] = []): Promise<ProcessResult> {
  return dcmtk('echoscu', ['-v', ...extra, ...peerArgs(peer)]);
}

/** True when storescu knows an option for this transfer syntax. */
export function storescuCanPropose(transferSyntaxUid: string): boolean {
  return PROPOSE[transferSyntaxUid] !== undefined;
}

/** storescu with the contexts that the files need, all of one transfer syntax; goes on after a refused file. */
export function storescu(
  peer: Peer,
  files: readonly string[],
  options: { transferSyntaxUid?: string; extra?: readonly string[] } = {},
): Promise<ProcessResult> {
  const propose = options.transferSyntaxUid === undefined ? [] : [PROPOSE[options.transferSyntaxUid] ?? '-x='];
  return dcmtk('storescu', ['-v', '-nh', '-R', ...propose, ...(options.extra ?? []), ...peerArgs(peer), ...files]);
}

export interface FindAnswer {
  /** pending responses in order, each `gggg,eeee` → raw text of dcmdump, brackets removed; nested elements left out */
  readonly matches: ReadonlyMap<string, string>[];
  readonly result: ProcessResult;
}

/** findscu; `keys` as DCMTK writes them (`PatientName=A*`, `0008,0052=STUDY`). */
export async function findscu(
  peer: Peer,
  model: 'patient' | 'study',
  keys: readonly string[],
  extra: readonly string[] = [],
): Promise<FindAnswer> {
  const keyArgs = keys.flatMap((key) => ['-k', key]);
  const root = model === 'study' ? '-S' : '-P';
  const result = await dcmtk('findscu', ['+sr', '-v', root, ...keyArgs, ...extra, ...peerArgs(peer)]);
  return { matches: parseFindOutput(result.output), result };
}

function parseFindOutput(output: string): Map<string, string>[] {
  const matches: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  for (const line of output.split('\n')) {
    const text = line.replace(/^[IWE]: /, '');
    if (text.startsWith('Find Response: ')) matches.push((current = new Map()));
    const element = /^\(([0-9a-f]{4},[0-9a-f]{4})\) ([A-Z]{2}) (.*?)\s+#\s+\d+,\s*\d+ /.exec(text);
    if (element === null || current === undefined) continue;
    const [, tag, , raw] = element as unknown as [string, string, string, string];
    current.set(
      tag,
      raw.startsWith('[') ? raw.slice(1, -1).replace(/[\0 ]+$/, '') : raw.replace(/^\(no value available\)$/, ''),
    );
  }
  return matches;
}

/** C-FIND responses as raw data sets (implicit files written by findscu -X), for character set checks. */
export async function findscuExtract(
  peer: Peer,
  model: 'patient' | 'study',
  keys: readonly string[],
  dir: string,
): Promise<string[]> {
  const keyArgs = keys.flatMap((key) => ['-k', key]);
  await dcmtk('findscu', ['-v', model === 'study' ? '-S' : '-P', '-X', '-od', dir, ...keyArgs, ...peerArgs(peer)]);
  return (await readdir(dir))
    .filter((name) => /^rsp\d+\.dcm$/.test(name))
    .toSorted()
    .map((name) => join(dir, name));
}

export interface RetrieveAnswer {
  readonly result: ProcessResult;
  /** final DIMSE status as DCMTK prints it, e.g. 0xa801 */
  readonly status: number | undefined;
  readonly counters: { remaining?: number; completed?: number; failed?: number; warning?: number };
}

/** movescu in debug mode, its last C-MOVE-RSP parsed. */
export async function movescu(
  peer: Peer,
  model: 'patient' | 'study',
  destination: string,
  keys: readonly string[],
  extra: readonly string[] = [],
): Promise<RetrieveAnswer> {
  const keyArgs = keys.flatMap((key) => ['-k', key]);
  const root = model === 'study' ? '-S' : '-P';
  return retrieveAnswer(
    await dcmtk('movescu', ['-d', root, '-aem', destination, ...keyArgs, ...extra, ...peerArgs(peer)]),
  );
}

/** getscu writing what it gets, bytes unchanged, into `dir`. */
export async function getscu(
  peer: Peer,
  model: 'patient' | 'study',
  dir: string,
  keys: readonly string[],
  extra: readonly string[] = [],
): Promise<RetrieveAnswer> {
  const keyArgs = keys.flatMap((key) => ['-k', key]);
  const root = model === 'study' ? '-S' : '-P';
  return retrieveAnswer(await dcmtk('getscu', ['-d', '+B', '-od', dir, root, ...keyArgs, ...extra, ...peerArgs(peer)]));
}

function retrieveAnswer(result: ProcessResult): RetrieveAnswer {
  const last = result.output.split(/Message Type\s*: C-(?:MOVE|GET) RSP/).at(-1) ?? '';
  const count = (name: string) => {
    const match = new RegExp(`${name} Suboperations\\s*: (\\d+)`).exec(last);
    return match === null ? {} : { [name.toLowerCase()]: Number(match[1]) };
  };
  const status = /DIMSE Status\s*: 0x([0-9a-f]{4})/.exec(last);
  return {
    result,
    status: status === null ? undefined : Number.parseInt(status[1]!, 16),
    counters: { ...count('Remaining'), ...count('Completed'), ...count('Failed'), ...count('Warning') },
  };
}
