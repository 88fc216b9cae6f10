import type { CareDocument } from '../documents/care-document.ts';
import type { Guardianship, CitizenPerson, DisplayDelay } from '../index/citizen/citizen-types.ts';
import type { DocumentRow } from '../index/documents/document-types.ts';
import type { Profile } from '../profile/profile.ts';
import { addDays, ageOn } from './calendar-day.ts';

/** Who looks: the person, or a guardian of a minor. Patient ids in capitals. */
export interface Viewer {
  readonly id: string;
}

/** What deciding needs beside the document. Days are YYYYMMDD. */
export interface ViewContext {
  readonly rules: Profile['citizen'];
  /** Whose documents they are. */
  readonly subject: CitizenPerson & { readonly birthDate: string };
  readonly guardianships: readonly Guardianship[];
  readonly delays: readonly DisplayDelay[];
  /** First day on which a controller's organisation was joined to the archive; undefined: it has not joined. */
  readonly joinedOn: (controllerOid: string) => string | undefined;
  readonly today: string;
  /** Day on which a moment (ms) falls for the patient. */
  readonly dayOf: (at: number) => string;
}

export type HiddenReason =
  | 'HAS_IMAGE'
  | 'NOT_CURRENT'
  | 'DECEASED'
  | 'DELAYED'
  | 'BEFORE_JOINING'
  | 'NOT_JOINED'
  | 'NO_GUARDIAN'
  | 'OF_AGE'
  | 'CAPACITY_UNKNOWN'
  | 'CAPACITY_DENIES';

/** `from`: the day on which a delayed document will be shown. */
export type Visibility =
  | { readonly shown: true }
  | { readonly shown: false; readonly reason: HiddenReason; readonly from?: string };

/** Whether this viewer may see the document today. Hiding is from citizens alone: professionals go another way. */
export function visibilityOf(document: DocumentRow, viewer: Viewer, context: ViewContext): Visibility {
  const { subject, today } = context;
  if (document.state !== 'current') return hidden('NOT_CURRENT');
  if (!isText(document)) return hidden('HAS_IMAGE');
  // No rule is published for the deceased: from the day of death nobody sees as a citizen.
  if (isDead(subject, today)) return hidden('DECEASED');
  return (
    notTheirs(document, viewer, context) ??
    beforeJoining(document, context) ??
    delayed(document, context) ?? { shown: true }
  );
}

/** Images are not handed to citizens, in a document's clothes neither: what is embedded may be text or PDF. */
function isText({ header }: DocumentRow): boolean {
  const { embedded = [] } = JSON.parse(header) as Partial<Pick<CareDocument, 'embedded'>>;
  return embedded.every((type) => /^(text\/|application\/pdf\b)/.test(type));
}

export function isDead({ deceasedOn }: CitizenPerson, today: string): boolean {
  return deceasedOn !== '' && deceasedOn <= today;
}

/** Whether a guardian may act for a minor in the citizen's service. */
export function actsFor(viewer: Viewer, context: Omit<ViewContext, 'joinedOn'>): boolean {
  return hasCustody(viewer, context) && !isOfAge(context);
}

function hasCustody(viewer: Viewer, { guardianships, today }: Omit<ViewContext, 'joinedOn'>): boolean {
  return guardianships.some(
    ({ guardian, health, validFrom, validUntil }) =>
      guardian === viewer.id && health && validFrom <= today && (validUntil === '' || today <= validUntil),
  );
}

function isOfAge({ subject, rules, today }: Omit<ViewContext, 'joinedOn'>): boolean {
  return ageOn(subject.birthDate, today) >= rules.guardianUntilAge;
}

/** Custody, and from the age of decision on what was recorded at the service event itself. */
function notTheirs(document: DocumentRow, viewer: Viewer, context: ViewContext): Visibility | undefined {
  const { subject, rules, dayOf } = context;
  if (viewer.id === subject.person) return undefined;
  if (!hasCustody(viewer, context)) return hidden('NO_GUARDIAN');
  if (isOfAge(context)) return hidden('OF_AGE');
  if (ageOn(subject.birthDate, dayOf(document.effectiveAt)) < rules.capacityFromAge) return undefined;
  // What was recorded before the system could ask for it is never shown.
  if (document.minorCapacity === null) return hidden('CAPACITY_UNKNOWN');
  return rules.capacityShown.includes(document.minorCapacity) ? undefined : hidden('CAPACITY_DENIES');
}

function beforeJoining(document: DocumentRow, { rules, joinedOn, dayOf }: ViewContext): Visibility | undefined {
  if (!rules.fromJoining) return undefined;
  const joined = joinedOn(document.controllerOid);
  if (joined === undefined) return hidden('NOT_JOINED');
  return dayOf(document.effectiveAt) < joined ? hidden('BEFORE_JOINING') : undefined;
}

/** The document's own day counts, else the organisation's delay, else the archive's. The day named is the first on which it is shown. */
function delayed(document: DocumentRow, { rules, delays, today, dayOf }: ViewContext): Visibility | undefined {
  const own = delays.find(
    ({ controllerOid, kind }) => controllerOid === document.controllerOid && kind === document.kind,
  );
  const days = own?.days ?? rules.delayDays[document.kind];
  const from = document.displayFrom ?? addDays(dayOf(document.effectiveAt), days);
  return today < from ? { shown: false, reason: 'DELAYED', from } : undefined;
}

function hidden(reason: HiddenReason): Visibility {
  return { shown: false, reason };
}
