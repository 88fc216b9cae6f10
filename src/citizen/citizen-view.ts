import type { AccessEntry } from '../access-log/access-entry.ts';
import { parseHetu } from '../identity/hetu.ts';
import type { CitizenPerson, DisplayDelay, Guardianship } from '../index/citizen/citizen-types.ts';
import type { DocumentKind, DocumentRow } from '../index/documents/document-types.ts';
import type { Profile } from '../profile/profile.ts';
import { finnishDay } from './calendar-day.ts';
import { CitizenError } from './citizen-errors.ts';
import { actsFor, visibilityOf } from './visibility.ts';
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
    const found = (await this.#judge(person, viewer)).find(
      ({ row, visibility }) => row.oid === oid && visibility.shown,
    );
    if (found === undefined)
      throw new CitizenError(
        'NO_SUCH_DOCUMENT',
        `there is no document ${oid} to be seen here; kuva citizen view lists them`,
      );
    await this.#record(person, viewer, 'citizen download', [found.row]);
    const subject = await this.#o.registers.person(person);
    return {
      row: found.row,
      bytes: await this.#o.files.read(found.row.sha256),
      withoutIdentity: subject.nonDisclosure && viewer.id !== person,
    };
  }

  /** Whether the viewer is the person, or has custody of the minor today. */
  async mayActFor(person: string, viewer: Viewer): Promise<boolean> {
    const context = await this.#context(person);
    return viewer.id === person || actsFor(viewer, context);
  }

  async #judge(person: string, viewer: Viewer): Promise<readonly { row: DocumentRow; visibility: Visibility }[]> {
    const { registers } = this.#o;
    const [rows, context] = await Promise.all([registers.documentsOf(person), this.#context(person)]);
    const joined = new Map<string, string | undefined>();
    for (const { controllerOid } of rows)
      if (!joined.has(controllerOid)) joined.set(controllerOid, await registers.joinedOn(controllerOid));
    const whole: ViewContext = { ...context, joinedOn: (controllerOid) => joined.get(controllerOid) };
    return rows.map((row) => ({ row, visibility: visibilityOf(row, viewer, whole) }));
  }

  async #context(person: string): Promise<Omit<ViewContext, 'joinedOn'>> {
    const parsed = parseHetu(person);
    if (!('hetu' in parsed))
      throw new CitizenError('NO_CITIZEN', 'a citizen is known by a personal identity code: give a valid one');
    const { registers, rules, now } = this.#o;
    const [subject, guardianships, delays] = await Promise.all([
      registers.person(person),
      registers.guardians(person),
      registers.delays(),
    ]);
    return {
      rules,
      subject: { ...subject, birthDate: parsed.hetu.birthDate },
      guardianships,
      delays,
      today: finnishDay(now()),
      dayOf: finnishDay,
    };
  }

  /** Looking is a use of the data, whoever looks, and written down before anything is shown. */
  async #record(person: string, viewer: Viewer, eventType: string, rows: readonly DocumentRow[]): Promise<void> {
    const at = this.#o.now();
    const own = viewer.id === person;
    await this.#o.record(
      rows.map((row) => ({
        log: 'use',
        at,
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
      })),
    );
  }
}

function summary(row: DocumentRow): ShownDocument {
  const { oid, kind, version, controllerOid, serviceEventOid, examinationCode } = row;
  return { oid, kind, version, day: finnishDay(row.effectiveAt), controllerOid, serviceEventOid, examinationCode };
}
