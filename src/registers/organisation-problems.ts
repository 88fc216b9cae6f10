import { parseBusinessId } from '../identity/business-id.ts';
import { isOid, parseOrganisationOid } from '../identity/finnish-oid.ts';
import { looksLikeHetu } from '../identity/hetu.ts';
import type { OrganisationRow } from '../index/registers/register-types.ts';
import type { Profile } from '../profile/profile.ts';

/** What is wrong with an organisation, one line a value with its remedy; `others` are those already in the register. */
export function organisationProblems(
  row: OrganisationRow,
  others: readonly OrganisationRow[],
  profile: Profile,
): string[] {
  return [...wrongValues(row), ...wrongRegister(row, profile), ...wrongBesideOthers(row, others)].map(
    (problem) => `organisation ${row.key}: ${problem}`,
  );
}

function wrongValues(row: OrganisationRow): string[] {
  const { kind } = parseOrganisationOid(row.oid) ?? {};
  return [
    ...(/^[^\p{Cc}]{1,128}$/u.test(row.key) && row.key.trim() === row.key ? [] : ['key: write 1 to 128 characters']),
    ...(row.name === '' ? ['name is missing: write what it is called'] : []),
    ...(kind === 'organisation' || kind === 'unit'
      ? []
      : [`OID ${row.oid}: write 1.2.246.10.<business id>, with its check digit, or that of a unit below it`]),
    ...(isOid(row.controllerOid) &&
    (!row.controllerOid.startsWith('1.2.246.10.') || parseOrganisationOid(row.controllerOid) !== undefined)
      ? []
      : [`controller ${row.controllerOid}: write its OID, such as 1.2.246.10.<business id>.19.0`]),
    // PS3.5 6.2, VR AE.
    ...(row.egressAet === '' ||
    /^[\x21-\x5b\x5d-\x7e]([\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?$/.test(row.egressAet)
      ? []
      : [`AE title ${row.egressAet}: write 1 to 16 printable ASCII characters without backslash`]),
  ];
}

function wrongRegister(row: OrganisationRow, profile: Profile): string[] {
  const { registerCodes, plainSpecifierCodes } = profile.registers;
  const known = Object.entries(registerCodes);
  const isIdentifier = parseBusinessId(row.registerSpecifier) !== undefined || looksLikeHetu(row.registerSpecifier);
  return [
    ...(known.some(([code]) => code === row.registerCode)
      ? []
      : [
          `register code ${row.registerCode}: write one of ${known.map(([code, name]) => `${code} (${name})`).join(', ')}`,
        ]),
    ...(plainSpecifierCodes.includes(row.registerCode) && isIdentifier
      ? [
          `register specifier: a business id or a personal identity code is not accepted for register ${row.registerCode}; write the name of the register`,
        ]
      : []),
  ];
}

// The archive takes a second version of an object from the same AE title only, so that one controller keeps one title.
function wrongBesideOthers(row: OrganisationRow, others: readonly OrganisationRow[]): string[] {
  return others
    .filter((other) => other.key !== row.key)
    .flatMap((other) => {
      if (other.oid === row.oid) return [`OID ${row.oid} is that of ${other.key} already`];
      if (row.egressAet === '' || other.egressAet === '') return [];
      const [sameAet, sameController] = [other.egressAet === row.egressAet, other.controllerOid === row.controllerOid];
      if (sameAet && !sameController)
        return [
          `AE title ${row.egressAet} is used for another controller, by ${other.key}: give each controller its own`,
        ];
      if (sameController && !sameAet)
        return [`its controller sends as ${other.egressAet} for ${other.key}: one controller keeps one AE title`];
      return [];
    });
}
