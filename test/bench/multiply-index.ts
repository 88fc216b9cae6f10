import type { SqliteDatabase } from '../../src/index/database.ts';

/** The columns of a table that are copied as they are. */
function others(db: SqliteDatabase, table: string, changed: readonly string[]): string[] {
  const names = db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  return names.filter((name) => !changed.includes(name)).map((name) => `"${name}"`);
}

function copyRows(db: SqliteDatabase, table: string, changes: Readonly<Record<string, string>>, where: string): void {
  const kept = others(db, table, Object.keys(changes)).join(', ');
  const into = [...Object.keys(changes), kept].filter((part) => part !== '').join(', ');
  const from = [...Object.values(changes), kept].filter((part) => part !== '').join(', ');
  db.exec(`INSERT INTO ${table} (${into}) SELECT ${from} FROM ${table} WHERE ${where}`);
}

/** Two digits inside a packed UID, behind the prefix that all synthetic UIDs share. */
function otherUid(column: string, copy: number): string {
  return `CAST(substr(${column}, 1, 11) || x'${copyDigits(copy)}' || substr(${column}, 13) AS BLOB)`;
}

/** What stands in identifiers of a copy in place of the original's first two digits. */
export function copyDigits(copy: number): string {
  return String(copy + 20).padStart(2, '0');
}

/**
 * Copies every study of a database `copies - 1` times under other identifiers: rows, indexes and counts come out as if
 * they had been received, at the speed of SQL.
 */
export function multiplyIndex(db: SqliteDatabase, copies: number, tell: (copy: number) => void): void {
  const last = (table: string): number => Number(db.prepare(`SELECT max(id) FROM ${table}`).pluck().get());
  const [patients, studies, series, instances] = ['patient', 'study', 'series', 'instance'].map(last) as [
    number,
    number,
    number,
    number,
  ];
  for (let copy = 1; copy < copies; copy += 1) {
    const [patient, study, inSeries, instance] = [patients, studies, series, instances].map((count) => count * copy);
    const digits = copyDigits(copy);
    db.transaction(() => {
      copyRows(
        db,
        'patient',
        { id: `id + ${patient}`, patient_id: `'${digits}' || substr(patient_id, 3)` },
        `id <= ${patients}`,
      );
      copyRows(
        db,
        'study',
        {
          id: `id + ${study}`,
          study_instance_uid: otherUid('study_instance_uid', copy),
          patient_fk: `patient_fk + ${patient}`,
          accession_number: `'A${digits}' || substr(accession_number, 4)`,
        },
        `id <= ${studies}`,
      );
      for (const table of ['study_modality', 'study_sop_class', 'study_procedure_code']) {
        copyRows(db, table, { study_fk: `study_fk + ${study}` }, `study_fk <= ${studies}`);
      }
      const seriesChanges = {
        id: `id + ${inSeries}`,
        study_fk: `study_fk + ${study}`,
        series_instance_uid: otherUid('series_instance_uid', copy),
      };
      copyRows(db, 'series', seriesChanges, `id <= ${series}`);
      for (const table of ['series_performer', 'series_request']) {
        copyRows(db, table, { series_fk: `series_fk + ${inSeries}` }, `series_fk <= ${series}`);
      }
      const instanceChanges = {
        id: `id + ${instance}`,
        series_fk: `series_fk + ${inSeries}`,
        sop_instance_uid: otherUid('sop_instance_uid', copy),
        sha256: 'randomblob(32)',
      };
      copyRows(db, 'instance', instanceChanges, `id <= ${instances}`);
    })();
    db.pragma('wal_checkpoint(TRUNCATE)');
    tell(copy);
  }
  db.exec(
    `UPDATE bucket SET studies = studies * ${copies}, series = series * ${copies}, instances = instances * ${copies}, bytes = bytes * ${copies}`,
  );
}
