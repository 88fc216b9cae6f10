import { randomUUID } from 'node:crypto';
import type { AuditedInstance, AuditReception, NewAuditMessage } from '../index/audit/audit-types.ts';
import type { NewInstance } from '../index/index-types.ts';
import type { AuditActor, AuditAe, AuditPerson } from './audit-actors.ts';
import type { AuditSource } from './audit-message.ts';
import { spooledForm } from './audit-trail.ts';
import { rejectionMessages } from './rejection-messages.ts';
import { receptionMessages } from './reception-messages.ts';
import type { ReceptionFacts } from './reception-messages.ts';

/** Port: the index. */
export interface ReceptionIndex {
  read(operation: 'auditReception', key: string): Promise<AuditReception | undefined>;
  read(operation: 'auditReceptionKeys'): Promise<string[]>;
  write(operation: 'auditReceptionEnd', key: string, messages: readonly NewAuditMessage[]): Promise<void>;
}

export interface ReceptionAuditOptions {
  readonly index: ReceptionIndex;
  /** What kind of process receives. */
  readonly owner: ReceptionOwner;
  readonly self: AuditAe;
  readonly source: AuditSource;
  /** Of an import: who does it, from where. */
  readonly media?: { readonly by: AuditPerson; readonly uri: string };
  /** Messages were added to the spool. */
  readonly spooled: () => void;
  /** Not told for now, but nothing is lost: it stays counted, and is told at the next start at the latest. */
  readonly delayed: (error: unknown) => void;
  readonly now: () => number;
}

export type ReceptionOwner = 'node' | 'import' | 'recall';

/** Who brings an object, as ingest knows it; undefined for a file that was there. */
export interface BroughtBy {
  readonly callingAET: string;
  readonly address: string | null;
  readonly associationId: string | number | null;
}

interface Open {
  readonly facts: string;
  /** Objects on their way into the index. */
  adding: number;
  idle: (() => void) | undefined;
}

const RETRY_MS = 5000;
const DISK = 'disk';

/**
 * What comes into the archive, in the audit trail: counted in the transaction that adds each object, told as messages when the association,
 * the import or the recovery ends. What a process that was killed has left counted is told by the next one.
 */
export class ReceptionAudit {
  readonly #o: ReceptionAuditOptions;
  readonly #prefix: string;
  readonly #peers = new Map<string | number, AuditAe>();
  readonly #open = new Map<string, Open>();
  readonly #ending = new Set<Promise<void>>();
  readonly #late = new Set<string>();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ReceptionAuditOptions) {
    this.#o = options;
    this.#prefix = `${options.owner}:${randomUUID()}:`;
  }

  /** An association that a peer has opened: what comes over it the peer has sent by itself. */
  opened(associationId: string | number, peer: AuditAe): void {
    this.#peers.set(associationId, peer);
  }

  /** Adds an object to the index, counted. */
  async add<T>(row: NewInstance, by: BroughtBy | undefined, add: (row: NewInstance) => Promise<T>): Promise<T> {
    const key = this.#prefix + keyOf(by);
    let open = this.#open.get(key);
    if (open === undefined)
      this.#open.set(key, (open = { facts: JSON.stringify(this.#facts(row, by)), adding: 0, idle: undefined }));
    open.adding += 1;
    try {
      return await add({ ...row, audited: this.#audited(row, key, open.facts, by) });
    } finally {
      open.adding -= 1;
      if (open.adding === 0) open.idle?.();
    }
  }

  /** An association has ended: what came over it is told. */
  closed(associationId: string | number): void {
    this.#end(this.#prefix + String(associationId));
    this.#peers.delete(associationId);
  }

  /** What was on the disk without a row has its row now. */
  indexedLater(): void {
    this.#end(this.#prefix + DISK);
  }

  /** Everything that is counted is told; resolves when that is on the disk, or cannot be brought there now. */
  async settle(): Promise<void> {
    for (const key of [...this.#open.keys(), ...this.#late]) this.#end(key);
    await Promise.all(this.#ending);
  }

  /** Tells what processes of these kinds have left, of which none is at work; so many of their objects were not whole on the disk. */
  async tellLeft(owners: readonly ReceptionOwner[], dropped = 0): Promise<void> {
    for (const key of await this.#o.index.read('auditReceptionKeys')) {
      const isLeft = owners.some((owner) => key.startsWith(`${owner}:`)) && !key.startsWith(this.#prefix);
      if (isLeft) await this.#tell(key, { dropped });
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#retry);
  }

  #facts(row: NewInstance, by: BroughtBy | undefined): ReceptionFacts {
    const { media } = this.#o;
    if (by === undefined) return { via: 'disk', source: { aet: row.callingAET } };
    if (by.associationId === null && media !== undefined) return { via: 'media', by: media.by, media: media.uri };
    const peer = by.associationId === null ? undefined : this.#peers.get(by.associationId);
    const source = peer ?? { aet: by.callingAET, ...(by.address === null ? {} : { address: by.address }) };
    return { via: 'association', source, requestor: peer === undefined ? 'destination' : 'source' };
  }

  #audited(row: NewInstance, key: string, facts: string, by: BroughtBy | undefined): AuditedInstance {
    const patientId = textOf(row, 'PatientID');
    const counted = { key, facts, studyInstanceUid: textOf(row, 'StudyInstanceUID'), patientId };
    if (row.rejects === undefined) return counted;
    const actor: AuditActor = (by === undefined || by.associationId === null
      ? undefined
      : this.#peers.get(by.associationId)) ??
      this.#o.media?.by ?? { aet: row.callingAET };
    const rejected = rejectionMessages(row.rejects, {
      at: row.receivedAt,
      by: actor,
      patientId,
      noteUid: row.sopInstanceUid,
    }).map(({ studyInstanceUid, whole, part }) => ({
      studyInstanceUid,
      whole: spooledForm(whole, this.#o.source),
      part: spooledForm(part, this.#o.source),
    }));
    return { ...counted, rejected };
  }

  #end(key: string): void {
    const open = this.#open.get(key);
    if (open === undefined && !this.#late.delete(key)) return;
    this.#open.delete(key);
    const ending = (open === undefined ? Promise.resolve() : idle(open))
      .then(() => this.#tell(key))
      .catch((error: unknown) => this.#delay(key, error))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #tell(key: string, interrupted?: { readonly dropped: number }): Promise<void> {
    const { index, self, source, now, spooled } = this.#o;
    const reception = await index.read('auditReception', key);
    if (reception === undefined) return;
    const messages = receptionMessages(reception, {
      at: now(),
      self,
      ...(interrupted === undefined ? {} : { interrupted }),
    });
    await index.write(
      'auditReceptionEnd',
      key,
      messages.map((message) => spooledForm(message, source)),
    );
    spooled();
  }

  #delay(key: string, error: unknown): void {
    this.#late.add(key);
    this.#o.delayed(error);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => [...this.#late].forEach((late) => this.#end(late)), RETRY_MS).unref();
  }
}

function keyOf(by: BroughtBy | undefined): string {
  return by === undefined ? DISK : String(by.associationId ?? 'files');
}

/** When nothing is on its way into the index any more. */
function idle(open: Open): Promise<void> {
  return new Promise((resolve) => {
    if (open.adding === 0) resolve();
    else open.idle = resolve;
  });
}

function textOf({ header }: NewInstance, keyword: string): string {
  const value = header.attributes[keyword];
  return typeof value === 'string' ? value : '';
}
