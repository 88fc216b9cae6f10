import { z } from 'zod';
import { flag, line, list, oneOf } from '../config/fields.ts';
import { day, oid } from './profile-fields.ts';

const PURPOSES = ['CARE', 'EMERGENCY', 'OUTSOURCED', 'OTHER_LAW'] as const;
const CHANNELS = ['KANTA', 'DIRECT'] as const;
export const DENIAL_SCOPES = ['all', 'service-event', 'provider', 'private-occupational', 'group'] as const;
export const CONSENT_KINDS = ['suostumus', 'luovutuslupa'] as const;
export const INFORMING_VERSIONS = ['1.0', '1.1', '2.0'] as const;
const SPEAKERS = ['patient/citizen', 'patient/provider', 'guardian/citizen', 'guardian/provider'] as const;
const CONTROLLER_KINDS = ['public', 'private'] as const;

const purposes = list(oneOf(PURPOSES));
const informing = list(oneOf(INFORMING_VERSIONS));

/** What every basis says beside its own condition. */
const common = {
  purposes,
  /** `unless-allowed`: a denial counts unless the patient allowed emergencies with it. */
  denials: oneOf(['respected', 'ignored', 'unless-allowed']),
  /** Purposes for which a care relationship must be known. */
  relationFor: purposes,
  /** Purposes for which the person who asks must be named. */
  personFor: purposes,
  channels: list(oneOf(CHANNELS)),
  /** Whether what is shown on this basis is marked for review. */
  flagged: flag(),
  from: day().nullable(),
};

const basis = z.discriminatedUnion('basis', [
  z.strictObject({ basis: z.literal('OWN_REGISTER'), ...common }),
  z.strictObject({ basis: z.literal('OUTSOURCED'), ...common, patientAuthorisationIsRelation: flag() }),
  z.strictObject({ basis: z.literal('OTHER_LAW'), ...common }),
  z.strictObject({ basis: z.literal('EMERGENCY'), ...common }),
  z.strictObject({ basis: z.literal('GROUP'), ...common, group: line(64), informing }),
  z.strictObject({
    basis: z.literal('CONSENT'),
    ...common,
    kinds: list(oneOf(CONSENT_KINDS)),
    informing,
    /** Sharing outside the archive needs a consent updated on this day or later; null: no consent covers it. */
    directUpdatedFrom: day().nullable(),
  }),
]);

const law = z.strictObject({
  law: line(32),
  from: day(),
  until: day().nullable(),
  /** Kinds of controllers whose data a denial of this scope covers; none: the scope does not count under this law. */
  denialScopes: z.record(oneOf(DENIAL_SCOPES), list(oneOf(CONTROLLER_KINDS))),
  /** Tried in this order; the first that holds permits. */
  bases: z.array(basis, { error: 'write a list of bases' }).min(1),
});

/** Who may learn of whose data: the law as dated data, and what is agreed about who asks. */
export const disclosureSection = z.strictObject({
  policy: line(64),
  timezone: line(64),
  /** Register codes (1.2.246.537.5.40150) of occupational health care. */
  occupationalRegisters: list(line(8)),
  guardianUntilAge: z.int({ error: 'write a whole number of years' }),
  /** Who may express a will, and where: by itself or for a minor, in the citizen's service or at a provider's. */
  consentBy: list(oneOf(SPEAKERS)),
  denialBy: list(oneOf(SPEAKERS)),
  /** A study without a known service event of a patient who has denied one. */
  unknownServiceEvent: oneOf(['denied', 'permitted']),
  specialReason: z.strictObject({ replacesRelation: flag(), needsPerson: flag() }),
  /** Professional roles with access right; none listed: every role. */
  roles: list(line(64)),
  /** Registers that went over to another controller. */
  mergers: z.array(z.strictObject({ from: day(), old: oid(), new: oid() }), { error: 'write a list' }),
  /** Controllers whose registers of these codes stand in one group, such as public health care in Uusimaa. */
  groups: z.array(z.strictObject({ name: line(64), controllers: list(oid()), registers: list(line(8)) }), {
    error: 'write a list',
  }),
  laws: z.array(law, { error: 'write a list of laws' }).min(1),
  /** How the person who asks is told: fields of a structured text such as `user=…;purpose=EMERGENCY`. */
  asker: z.strictObject({
    separator: line(1),
    assign: line(1),
    fields: z.strictObject({
      person: line(32),
      role: line(32),
      purpose: line(32),
      specialReason: line(32),
      serviceEvent: line(32),
    }),
    /** Keyword of the identifier's attribute that carries the same text in C-FIND, C-MOVE and C-GET; null: none. */
    queryAttribute: line(64).nullable(),
    defaultPurpose: oneOf(PURPOSES),
  }),
});
