import type { NewAuditMessage } from '../index/audit/audit-types.ts';
import type { DocumentPutResult, NewDocument, NewRefusal } from '../index/documents/document-types.ts';
import type { Profile } from '../profile/profile.ts';
import type { CareDocument } from './care-document.ts';
import { CdaError } from './cda-errors.ts';
import type { CdaFault } from './cda-errors.ts';
import { readCda } from './cda-reader.ts';

/** Port: the index. */
export interface RegisterIndex {
  write(operation: 'documentPut', document: NewDocument): Promise<DocumentPutResult>;
  write(operation: 'documentRefuse', refusal: NewRefusal): Promise<void>;
}

/** Port: where the bytes are kept. */
export interface RegisterFiles {
  keep(bytes: Buffer): Promise<{ readonly sha256: string; readonly existed: boolean }>;
}

export interface RegisterOptions {
  readonly index: RegisterIndex;
  readonly files: RegisterFiles;
  readonly profile: Pick<Profile, 'documents' | 'identity'>;
  /** Among several organisations none writes into another's register; left out: whoever may send may. */
  readonly ownRegistersOnly?: boolean;
  /** Whether a new request has earlier studies fetched from the archive. */
  readonly fetchPriors: boolean;
  /** What the audit trail is told of a document that did not come in an object, which it knows already. */
  readonly audited: (imported: ImportedDocument) => readonly NewAuditMessage[];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface ImportedDocument {
  /** '' when it could not be read. */
  readonly oid: string;
  readonly patientId: string;
  /** The file that it came in. */
  readonly uri: string;
  /** Why it was not taken; '' when it was. */
  readonly refused: string;
}

/** Where a document came from; `object` when it was encapsulated in a DICOM instance, whose own hash tells its bytes. */
export interface DocumentSource {
  /** import, drop folder, or the calling AE title. */
  readonly name: string;
  /** Of the file that it came in; '' when it came in an object. */
  readonly uri: string;
  readonly object?: { readonly sopInstanceUid: string; readonly sha256: string; readonly size: number };
}

export type RegisterResult =
  | {
      readonly kind: 'new' | 'duplicate';
      readonly document: CareDocument;
      readonly sha256: string;
      readonly studies: readonly string[];
    }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string; readonly faults: readonly CdaFault[] };

/**
 * The one way of a care document into the register. When it resolves, file and row are on the disk. One that the register's rules speak
 * against is kept as well and listed: its bytes are evidence, and may be wanted once what was missing has come.
 */
export class DocumentRegister {
  readonly #o: RegisterOptions;

  constructor(options: RegisterOptions) {
    this.#o = options;
  }

  /** A document that is not taken is told, not thrown. @throws StoreError, SyncFailedError, IndexError: nothing was decided */
  async add(bytes: Buffer, source: DocumentSource): Promise<RegisterResult> {
    let document: CareDocument;
    try {
      document = await readCda([bytes], this.#o.profile);
    } catch (error) {
      if (!(error instanceof CdaError)) throw error;
      if (source.object !== undefined) await this.#refuseObject(source, source.object, error);
      return { kind: 'refused', code: error.code, reason: error.message, faults: error.faults };
    }
    const { sha256 } = await this.#o.files.keep(bytes);
    const put = await this.#o.index.write('documentPut', this.#row(document, bytes, sha256, source));
    if (put.result !== 'refused') return { kind: put.result, document, sha256, studies: put.studies };
    await this.#o.index.write('documentRefuse', {
      sha256,
      size: bytes.length,
      code: put.code,
      reason: put.text,
      source: source.name,
      isKept: true,
      oid: document.oid,
      sopInstanceUid: source.object?.sopInstanceUid ?? null,
      receivedAt: this.#o.clock(),
      audited: this.#audited(document, source, put.code),
    });
    return { kind: 'refused', code: put.code, reason: put.text, faults: [] };
  }

  /** An object is kept whatever is in it; that it is no document is for a person to see. */
  async #refuseObject(
    { name }: DocumentSource,
    { sopInstanceUid, sha256, size }: NonNullable<DocumentSource['object']>,
    error: CdaError,
  ): Promise<void> {
    await this.#o.index.write('documentRefuse', {
      sha256,
      size,
      code: error.code,
      reason: error.message,
      source: name,
      isKept: false,
      oid: '',
      sopInstanceUid,
      receivedAt: this.#o.clock(),
      audited: [],
    });
  }

  #audited(
    { oid, patient }: CareDocument,
    { uri, object }: DocumentSource,
    refused: string,
  ): readonly NewAuditMessage[] {
    return object === undefined ? this.#o.audited({ oid, patientId: patient.id, uri, refused }) : [];
  }

  #row(document: CareDocument, bytes: Buffer, sha256: string, source: DocumentSource): NewDocument {
    const { sections: _, ...header } = document;
    const [examination] = document.examinations;
    return {
      oid: document.oid,
      setId: document.setId,
      version: document.version,
      kind: document.kind,
      patientId: document.patient.id,
      patientIdRoot: document.patient.idRoot,
      controllerOid: document.controllerOid,
      registerCode: document.registerCode,
      registerSpecifier: document.registerSpecifier,
      serviceEventOid: document.serviceEventOid,
      examinationCode: examination?.code ?? '',
      examinationScheme: examination?.codeSystem ?? '',
      effectiveTime: document.effectiveTime.text,
      effectiveAt: document.effectiveTime.ms,
      displayFrom: document.displayFrom,
      minorCapacity: document.minorCapacity,
      header: JSON.stringify(header),
      sha256,
      size: bytes.length,
      source: source.name,
      sopInstanceUid: source.object?.sopInstanceUid ?? null,
      receivedAt: this.#o.clock(),
      replaces: document.replaces,
      invalidates: document.invalidates,
      studyUids: document.studyUids,
      accessionNumbers: document.accessionNumbers,
      permanentIdRoot: this.#o.profile.identity.hetuIssuer,
      ownRegisterOnly: this.#o.ownRegistersOnly === true,
      wantsPriors: this.#o.fetchPriors && document.kind === 'request' && document.version === 1,
      duplicates: duplicatesOf(document, this.#o.profile),
      audited: this.#audited(document, source, ''),
    };
  }
}

/** What would make a request one for an examination that was done not long ago. */
function duplicatesOf(
  { kind, version, examinations, effectiveTime }: CareDocument,
  { documents: { priors } }: Pick<Profile, 'documents'>,
): NewDocument['duplicates'] {
  const code = examinations[0]?.code ?? '';
  if (kind !== 'request' || version > 1 || code.length < priors.anatomyPrefix) return null;
  const since = new Date(effectiveTime.ms);
  since.setUTCMonth(since.getUTCMonth() - priors.duplicateMonths);
  return { prefix: code.slice(0, priors.anatomyPrefix), since: since.toISOString().slice(0, 10).replaceAll('-', '') };
}
