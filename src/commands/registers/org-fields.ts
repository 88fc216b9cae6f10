import { shownDay } from '../../core/zoned-day.ts';
import type { OrganisationRow } from '../../index/registers/register-types.ts';
import { CommandFailedError } from '../exit-codes.ts';

export function organisationFields(row: OrganisationRow): Record<string, string> {
  return {
    key: row.key,
    name: row.name,
    OID: row.oid,
    kind: row.kind,
    controller: row.controllerOid,
    register: `${row.registerCode}${row.registerSpecifier === '' ? '' : `, ${row.registerSpecifier}`}`,
    'AE title': row.egressAet,
    'system entity': row.systemEntity === '' ? 'any that is certified' : row.systemEntity,
    joined: shownDay(row.joinedOn),
    ...row.attributes,
  };
}

export function unknownOrganisation(key: string): CommandFailedError {
  return new CommandFailedError(`organisation ${key} is not in the register; kuva org list shows them`);
}
