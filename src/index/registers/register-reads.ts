import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type {
  CertificationRow,
  EnablementRow,
  OrganisationKind,
  OrganisationRow,
  ProductionState,
} from './register-types.ts';

const ORGANISATION =
  'SELECT key, name, oid, kind, controller_oid, register_code, register_specifier, egress_aet, system_entity, joined_on, attributes FROM organisation';
const ENABLEMENT = 'SELECT id, controller_oid, content_type, state, from_day, note, recorded_at FROM enablement';

export function organisationList(statements: StatementCache): OrganisationRow[] {
  return statements.get(`${ORGANISATION} ORDER BY key`).all().map(organisationRow);
}

export function organisationByKey(statements: StatementCache, key: string): OrganisationRow | undefined {
  const row = statements.get(`${ORGANISATION} WHERE key = ?`).get(key);
  return row === undefined ? undefined : organisationRow(row);
}

/** Several organisations may keep registers of one controller. */
export function organisationsOfController(statements: StatementCache, controllerOid: string): OrganisationRow[] {
  return statements
    .get(`${ORGANISATION} WHERE controller_oid = ? ORDER BY key`)
    .all(controllerOid)
    .map(organisationRow);
}

/** All of one controller, or of everyone; in the order in which they come to count. */
export function enablementList(statements: StatementCache, controllerOid: string | null): EnablementRow[] {
  const order = 'ORDER BY controller_oid, content_type, from_day, id';
  return (
    controllerOid === null
      ? statements.get(`${ENABLEMENT} ${order}`).all()
      : statements.get(`${ENABLEMENT} WHERE controller_oid = ? ${order}`).all(controllerOid)
  ).map((row) => ({
    id: Number(row[0]),
    controllerOid: String(row[1]),
    contentType: String(row[2]),
    state: String(row[3]) as ProductionState,
    from: String(row[4]),
    note: String(row[5]),
    recordedAt: Number(row[6]),
  }));
}

export function certificationList(statements: StatementCache): CertificationRow[] {
  return statements
    .get(
      `SELECT register_id, system_entity, version, class, content_types, spec_versions, joint_test_day, valid_from, valid_to
       FROM certification ORDER BY system_entity, valid_to, register_id`,
    )
    .all()
    .map((row) => ({
      registerId: String(row[0]),
      systemEntity: String(row[1]),
      version: String(row[2]),
      class: String(row[3]),
      contentTypes: JSON.parse(String(row[4])) as string[],
      specVersions: JSON.parse(String(row[5])) as string[],
      jointTestDay: String(row[6]),
      validFrom: String(row[7]),
      validTo: String(row[8]),
    }));
}

function organisationRow(row: readonly Cell[]): OrganisationRow {
  return {
    key: String(row[0]),
    name: String(row[1]),
    oid: String(row[2]),
    kind: String(row[3]) as OrganisationKind,
    controllerOid: String(row[4]),
    registerCode: String(row[5]),
    registerSpecifier: String(row[6]),
    egressAet: String(row[7]),
    systemEntity: String(row[8]),
    joinedOn: String(row[9]),
    attributes: JSON.parse(String(row[10])) as Record<string, string>,
  };
}
