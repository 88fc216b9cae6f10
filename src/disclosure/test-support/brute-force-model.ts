import type { NewWill } from '../../index/disclosure/disclosure-types.ts';
import { COUNTY, DISTRICT, OTHER_DISTRICT, UUSIMAA_A, UUSIMAA_B } from './scenario.ts';

// The rules as plain sentences, one after the other, without the policy data and without anything of `decide`: what both agree on
// was thought of twice.

/** One study or document of the model's world. */
export interface ModelStudy {
  readonly patientId: string;
  readonly birthDate: string;
  readonly controller: string;
  readonly registerCode: string;
  readonly isPrivate: boolean | null;
  readonly serviceEvent: string;
  readonly date: string;
}

export interface ModelAsker {
  readonly controller: string;
  readonly registerCode: string;
  readonly oids: readonly string[];
  readonly person: string;
  readonly purpose: string;
  readonly specialReason: string;
  readonly direct: boolean;
  readonly at: number;
}

const midnight = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day - 1, 22);
/** 784/2021, the counties, 703/2023: the beginnings in Finnish winter time. */
const ACT_2021 = midnight(2021, 11, 1);
const COUNTIES = midnight(2023, 1, 1);
const ACT_2023 = midnight(2024, 1, 1);

/** Public health care. */
function isUusimaa(controller: string, register: string): boolean {
  return [UUSIMAA_A, UUSIMAA_B].includes(controller) && register === '2';
}

type Rows<Name extends NewWill['register']> = Extract<NewWill, { register: Name }>['row'][];

/** Whether somebody may know of a study, given everything that was ever recorded of anybody. */
export function mayKnow(asker: ModelAsker, study: ModelStudy, recorded: readonly NewWill[]): boolean {
  const { at, purpose } = asker;
  const rows = <Name extends NewWill['register']>(register: Name): Rows<Name> =>
    recorded
      .filter((will) => will.register === register)
      .map(({ row }) => row as Rows<Name>[number])
      .filter((row) => !(row.validFrom > at) && !(row.validUntil !== null && row.validUntil <= at));
  const now = (controller: string): string =>
    at >= COUNTIES && (controller === DISTRICT || controller === OTHER_DISTRICT) ? COUNTY : controller;
  const mine = rows('relation').some(
    (row) =>
      row.patientId === study.patientId && now(row.controller) === now(asker.controller) && asker.controller !== '',
  );
  const reasoned = asker.specialReason !== '' && asker.person !== '';

  if (!['CARE', 'EMERGENCY', 'OUTSOURCED', 'OTHER_LAW'].includes(purpose)) return false;
  if (study.controller === '') return false;
  if (now(study.controller) === now(asker.controller) && study.registerCode === asker.registerCode)
    return purpose === 'EMERGENCY' ? asker.person !== '' : mine || reasoned;

  if (asker.oids.length === 0) return false;
  if (purpose === 'OTHER_LAW') return reasoned;
  if (purpose === 'CARE' || purpose === 'OUTSOURCED') {
    const authorised = rows('authorisation').filter((row) => authorises(row, asker, study, now));
    if (authorised.some(({ patientId }) => patientId !== '')) return true;
    if (authorised.length > 0 && (mine || reasoned)) return true;
    if (purpose === 'OUTSOURCED') return false;
  }

  const against = rows('denial').filter((row) => {
    if (row.patientId !== study.patientId) return false;
    if (row.givenBy === 'guardian' && row.via === 'citizen') return false;
    switch (row.scope) {
      case 'all':
        return true;
      case 'service-event':
        return study.serviceEvent === '' || study.serviceEvent === row.serviceEvent;
      case 'provider':
        return (
          study.isPrivate !== true &&
          row.registerCode === study.registerCode &&
          (row.controller === study.controller ||
            (at >= COUNTIES &&
              ((study.controller === COUNTY && [DISTRICT, OTHER_DISTRICT].includes(row.controller)) ||
                (row.controller === COUNTY && [DISTRICT, OTHER_DISTRICT].includes(study.controller)))))
        );
      case 'private-occupational':
        return (
          at >= ACT_2023 &&
          study.isPrivate !== false &&
          study.registerCode === '4' &&
          (row.controller === '' || row.controller === study.controller)
        );
      case 'group':
        return (
          at >= ACT_2021 &&
          study.isPrivate !== true &&
          row.groupName === 'uusimaa' &&
          isUusimaa(study.controller, study.registerCode)
        );
    }
  });
  if (purpose === 'EMERGENCY') return asker.person !== '' && against.every((row) => row.emergencyAllowed);
  if (against.length > 0) return false;
  if (!mine && !reasoned) return false;

  return agreed(asker, study, rows('informing'), rows('consent'));
}

function agreed(asker: ModelAsker, study: ModelStudy, informings: Rows<'informing'>, given: Rows<'consent'>): boolean {
  const versions = informings.filter((row) => row.patientId === study.patientId).map((row) => row.informingVersion);
  const bothUusimaa =
    isUusimaa(study.controller, study.registerCode) && isUusimaa(asker.controller, asker.registerCode);
  if (asker.at >= COUNTIES && bothUusimaa && versions.some((version) => version !== '1.0')) return true;
  if (versions.length === 0) return false;
  return given.some((row) => row.patientId === study.patientId && consents(row, asker, study));
}

function consents(row: Rows<'consent'>[number], { at, direct }: ModelAsker, { birthDate }: ModelStudy): boolean {
  const day = Number(new Date(row.validFrom + 2 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', ''));
  const adultFrom = Number(birthDate) + 180_000;
  if (row.givenBy === 'guardian' && (birthDate === '' || day >= adultFrom)) return false;
  return !direct || (at >= ACT_2023 && row.validFrom >= ACT_2023);
}

function authorises(
  row: Rows<'authorisation'>[number],
  asker: ModelAsker,
  study: ModelStudy,
  now: (controller: string) => string,
): boolean {
  return (
    (row.patientId === '' || row.patientId === study.patientId) &&
    asker.oids.includes(row.producer) &&
    now(row.searchController) === now(study.controller) &&
    row.searchRegister === study.registerCode &&
    (row.allDocuments ||
      ((row.materialFrom === '' || (study.date !== '' && row.materialFrom <= study.date)) &&
        (row.materialUntil === '' || (study.date !== '' && study.date <= row.materialUntil)) &&
        (row.serviceEvents.length === 0 || row.serviceEvents.includes(study.serviceEvent))))
  );
}
