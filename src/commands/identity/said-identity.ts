import type { Command } from 'commander';
import type { PatientIdentity } from '../../dicom/patient-identity.ts';
import { parseHetu } from '../../identity/hetu.ts';
import { dayMs } from '../../index/date-time.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { Profile } from '../../profile/profile.ts';
import { UsageError } from '../exit-codes.ts';

/** What is said of a patient; left out: as is known. */
export interface SaidPatient {
  readonly issuer?: string;
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: string;
}

export function patientOptions(command: Command): Command {
  return command
    .option(
      '--issuer <oid>',
      'Issuer of Patient ID (default: that of personal identity codes for such a code, else as known here)',
    )
    .option('--name <name>', "Patient's Name, family^given (default: as known here)")
    .option('--birth-date <YYYYMMDD>', 'default: what a personal identity code says, else as known here')
    .option('--sex <F|M|O>', 'default: what a personal identity code says, else as known here');
}

/**
 * Everything that objects tell of the patient: what is said, else what a personal identity code says itself, else what is known here of this
 * id, else `before`: what was known of the same person under another id. @throws UsageError that names the value that is wrong or missing
 */
export async function saidIdentity(
  index: Pick<IndexService, 'read'>,
  profile: Profile,
  patientId: string,
  said: SaidPatient,
  before: Pick<PatientIdentity, 'name' | 'birthDate' | 'sex'> | undefined,
): Promise<PatientIdentity> {
  const { hetuIssuer } = profile.identity;
  const code = parseHetu(patientId);
  const hetu = 'hetu' in code && (said.issuer ?? hetuIssuer) === hetuIssuer ? code.hetu : undefined;
  const wanted = said.issuer ?? (hetu === undefined ? null : hetuIssuer);
  const known = await knownPatient(index, patientId, wanted);
  const here = known ?? before;
  if (said.name === undefined && here === undefined)
    throw new UsageError(`Patient ID ${patientId} is not known here: say --name`);
  return checked({
    patientId: hetu?.text ?? patientId,
    issuer: wanted ?? known?.issuer ?? '',
    name: said.name ?? here?.name ?? '',
    birthDate: said.birthDate ?? hetu?.birthDate ?? only(here?.birthDate, isDay),
    sex: said.sex ?? hetu?.sex ?? only(here?.sex, isSex),
  });
}

/** What is known of this id; `issuer` null: of whatever issuer, of which there may be one. */
async function knownPatient(index: Pick<IndexService, 'read'>, patientId: string, issuer: string | null) {
  const known = await index.read('knownIdentity', patientId, issuer);
  const issuers = [...new Set(known.map((each) => each.issuer))];
  if (issuers.length > 1)
    throw new UsageError(`Patient ID ${patientId} is here of several issuers (${issuers.join(', ')}): say --issuer`);
  return known[0];
}

/** What objects have told that is none is not told on. */
function only(value: string | undefined, is: (value: string) => boolean): string {
  return value !== undefined && is(value) ? value : '';
}

function isDay(text: string): boolean {
  return /^\d{8}$/.test(text) && dayMs(text) !== undefined;
}

function isSex(text: string): boolean {
  return ['F', 'M', 'O'].includes(text);
}

function checked(identity: PatientIdentity): PatientIdentity {
  const { patientId, issuer, name, birthDate, sex } = identity;
  for (const [what, value] of Object.entries({ 'Patient ID': patientId, '--issuer': issuer, '--name': name })) {
    // PS3.5 6.2: LO and a group of PN have 64 characters, no backslash and no control characters.
    if (/[\u0000-\u001f\u007f\\]/.test(value) || value.split('=').some((group) => group.length > 64))
      throw new UsageError(
        `${what} ${JSON.stringify(value)}: at most 64 characters, no backslash, no control characters`,
      );
  }
  if (birthDate !== '' && !isDay(birthDate))
    throw new UsageError(`--birth-date ${birthDate}: write a day of the calendar as YYYYMMDD`);
  if (sex !== '' && !isSex(sex)) throw new UsageError(`--sex ${sex}: write F, M or O`);
  return identity;
}
