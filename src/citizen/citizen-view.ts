import type { AccessEntry } from '../access-log/access-entry.ts';
import { parseHetu } from '../identity/hetu.ts';
import type { CitizenPerson, DisplayDelay, Guardianship } from '../index/citizen/citizen-types.ts';
import type { DocumentKind, DocumentRow } from '../index/documents/document-types.ts';
import type { Profile } from '../profile/profile.ts';
import { finnishDay } from './calendar-day.ts';
import { CitizenError } from './citizen-errors.ts';
import { actsFor, isDead, visibilityOf } from './visibility.ts';
import type { ViewContext, Viewer, Visibility } from './visibility.ts';

/** Port: registers of documents and of what decides about showing them. */
export interface CitizenRegisters {
  documentsOf(person: string): Promise<readonly DocumentRow[]>;
  person(person: string): Promise<CitizenPerson>;
  guardians(child: string): Promise<readonly Guardianship[]>;
  delays(): Promise<readonly DisplayDelay[]>;
  /** Earliest day on which an organisation of the controller joined; undefined when none has. */
  joinedOn(controllerOid: string): Promise<string | undefined>;
}

/** Port: bytes of a document as it came. */
export interface DocumentFiles {
  read(sha256: string): Promise<Buffer>;
}

export interface CitizenViewOptions {
  readonly registers: CitizenRegisters;
  readonly files: DocumentFiles;
  readonly rules: Profile['citizen'];
  /** Resolves when it is on the disk: nothing is shown before. */
  readonly record: (entries: readonly AccessEntry[]) => Promise<void>;
  /** Name of this node, for the log. */
  readonly node: string;
  /** ms since 1970 */
  readonly now: () => number;
}

/** One line of the view: what there is, without its content. */
export interface ShownDocument {
  readonly oid: string;
  readonly kind: DocumentKind;
  readonly version: number;
  /** Day on which it was made, YYYYMMDD. Imaging documents stand under the service event's, not the image's. */
  readonly day: string;
  readonly controllerOid: string;
  readonly serviceEventOid: string;
  readonly examinationCode: string;
}

export interface HiddenDocument {
  readonly oid: string;
  readonly reason: string;
  /** When a delayed one will be shown. */
  readonly from: string | undefined;
}

export interface OpenedDocument {
  readonly row: DocumentRow;
  /** The CDA as it came. */
  readonly bytes: Buffer;
  /** Turvakielto, and somebody else reads: name and address stay away, the original is not handed out. */
  readonly withoutIdentity: boolean;
}

/** A document that a link leads to, and what the log has to say before it is handed over. */
export interface SharedDocument {
  readonly document: OpenedDocument;
  readonly entry: AccessEntry;
}

/**
 * What a citizen sees: care documents, one's own or those of a minor in one's custody. There is no way from here to an image: neither
 * the objects nor the index of instances are among the parts.
 */
export class CitizenView {
  readonly #o: CitizenViewOptions;

  constructor(options: CitizenViewOptions) {
    this.#o = options;
  }

  /** Newest first. A citizen is not told of what is hidden; `hidden` is for the administrator who is asked why. */
  async list(
    person: string,
    viewer: Viewer,
  ): Promise<{ readonly shown: readonly ShownDocument[]; readonly hidden: readonly HiddenDocument[] }> {
    const judged = await this.#judge(person, viewer);
    const shown = judged.filter(({ visibility }) => visibility.shown).map(({ row }) => row);
    await this.#record(person, viewer, 'citizen view', shown);
    return {
      shown: shown.map(summary).sort((a, b) => (a.day < b.day ? 1 : -1)),
      hidden: judged.flatMap(({ row, visibility }) =>
        visibility.shown ? [] : [{ oid: row.oid, reason: visibility.reason, from: visibility.from }],
      ),
    };
  }

  /** @throws CitizenError when there is no such document, or none for this viewer: which of the two is not told */
  async open(person: string, viewer: Viewer, oid: string): Promise<OpenedDocument> {
    const row = await this.#find(person, viewer, oid);
    await this.#record(person, viewer, 'citizen download', [row]);
    return this.#opened(row, viewer.id !== person);
  }

  /** For a link that the viewer makes: may be shared what is seen. Nothing is opened yet. @throws CitizenError as `open` does */
  async share(person: string, viewer: Viewer, oids: readonly string[]): Promise<void> {
    const rows: DocumentRow[] = [];
    for (const oid of oids) rows.push(await this.#find(person, viewer, oid));
    await this.#record(person, viewer, 'citizen share', rows);
  }

  /** The person looks at which documents their links name. */
  async noteShared(person: string, oids: readonly string[]): Promise<void> {
    const named = new Set(oids);
    const rows = named.size === 0 ? [] : await this.#o.registers.documentsOf(person);
    await this.#record(
      person,
      { id: person },
      'citizen shares',
      rows.filter(({ oid }) => named.has(oid)),
    );
  }

  /**
   * For whoever has the link `link` that the viewer made: somebody else, to whom it is disclosed when the entry has been put on record,
   * which is left to the caller. @throws CitizenError as `open` does
   */
  async shared(person: string, viewer: Viewer, oid: string, link: number): Promise<SharedDocument> {
    const row = await this.#find(person, viewer, oid);
    const entry: AccessEntry = {
      ...this.#entry(person, viewer, 'share opened', row),
      log: 'disclosure',
      purpose: 'SHARED',
      // Nobody is asked who they are: all that is known is whose link it was.
      user: '',
      role: 'holder of a link',
      basis: viewer.id === person ? "the patient's link" : "a guardian's link",
      reasonCode: 'SHARE_LINK',
      recipient: `link ${link}`,
    };
    return { document: await this.#opened(row, true), entry };
  }

  /** Whether the viewer is the person, or has custody of the minor today. Nobody acts for the dead, and the dead for nobody. */
  async mayActFor(person: string, viewer: Viewer): Promise<boolean> {
    const context = await this.#context(person, viewer);
    if (isDead(context.subject, context.today)) return false;
    return viewer.id === person || actsFor(viewer, context);
  }

  async #find(person: string, viewer: Viewer, oid: string): Promise<DocumentRow> {
    const found = (await this.#judge(person, viewer)).find(
      ({ row, visibility }) => row.oid === oid && visibility.shown,
    );
    if (found !== undefined) return found.row;
    throw new CitizenError(
      'NO_SUCH_DOCUMENT',
      `there is no document ${oid} to be seen here; kuva citizen view lists them`,
    );
  }

  async #opened(row: DocumentRow, byAnother: boolean): Promise<OpenedDocument> {
    const subject = await this.#o.registers.person(row.patientId);
    return {
      row,
      bytes: await this.#o.files.read(row.sha256),
      withoutIdentity: subject.nonDisclosure && byAnother,
    };
  }

  async #judge(person: string, viewer: Viewer): Promise<readonly { row: DocumentRow; visibility: Visibility }[]> {
    const { registers } = this.#o;
    const [rows, context] = await Promise.all([registers.documentsOf(person), this.#context(person, viewer)]);
    const joined = new Map<string, string | undefined>();
    for (const { controllerOid } of rows)
      if (!joined.has(controllerOid)) joined.set(controllerOid, await registers.joinedOn(controllerOid));
    const whole: ViewContext = { ...context, joinedOn: (controllerOid) => joined.get(controllerOid) };
    return rows.map((row) => ({ row, visibility: visibilityOf(row, viewer, whole) }));
  }

  async #context(person: string, viewer: Viewer): Promise<Omit<ViewContext, 'joinedOn'>> {
    const parsed = parseHetu(person);
    if (!('hetu' in parsed))
      throw new CitizenError('NO_CITIZEN', 'a citizen is known by a personal identity code: give a valid one');
    const { registers, rules, now } = this.#o;
    const today = finnishDay(now());
    const [subject, looking, guardianships, delays] = await Promise.all([
      registers.person(person),
      registers.person(viewer.id),
      registers.guardians(person),
      registers.delays(),
    ]);
    return {
      rules,
      subject: { ...subject, birthDate: parsed.hetu.birthDate },
      guardianships: isDead(looking, today) ? [] : guardianships,
      delays,
      today,
      dayOf: finnishDay,
    };
  }

  /** Looking is a use of the data, whoever looks, and written down before anything is shown. */
  async #record(person: string, viewer: Viewer, eventType: string, rows: readonly DocumentRow[]): Promise<void> {
    await this.#o.record(rows.map((row) => this.#entry(person, viewer, eventType, row)));
  }

  #entry(person: string, viewer: Viewer, eventType: string, row: DocumentRow): AccessEntry {
    const own = viewer.id === person;
    return {
      log: 'use',
      at: this.#o.now(),
      person,
      eventType,
      purpose: own ? 'OWN' : 'GUARDIAN',
      application: 'kuva citizen',
      organisation: '',
      user: viewer.id,
      role: own ? 'patient' : 'guardian',
      certificate: '',
      address: '',
      calledAet: this.#o.node,
      searchCriteria: '',
      outcome: 'permitted',
      basis: own ? 'own data' : 'custody',
      reasonCode: own ? 'OWN_DATA' : 'CUSTODY',
      specialReason: '',
      policy: '',
      channel: 'CITIZEN',
      itemType: 'document',
      itemId: row.oid,
      items: 1,
      controller: row.controllerOid,
      register: row.registerCode,
      registerSpecifier: row.registerSpecifier,
      serviceEvent: row.serviceEventOid,
      recipient: '',
    };
  }
}

function summary(row: DocumentRow): ShownDocument {
  const { oid, kind, version, controllerOid, serviceEventOid, examinationCode } = row;
  return { oid, kind, version, day: finnishDay(row.effectiveAt), controllerOid, serviceEventOid, examinationCode };
}
