import { expect, onTestFinished, test } from 'vitest';
import { openReader, openWriter } from '../database.ts';
import type { SqliteDatabase } from '../database.ts';
import { databaseFile } from '../test-support/database-file.ts';
import { findConditions } from './find-conditions.ts';
import { findQuery, LEVELS } from './find-query.ts';
import type { FindKey, QueryLevel } from './find-query.ts';
import { idsSql } from './find-sql.ts';
import { matchKeyOf, requiredTag } from './key-table.ts';

function emptyIndex(): SqliteDatabase {
  const path = databaseFile();
  openWriter(path).close();
  const db = openReader(path);
  onTestFinished(() => void db.close());
  return db;
}

function planOf(db: SqliteDatabase, level: QueryLevel, keys: readonly FindKey[], fuzzy = false): string[] {
  const where = findConditions(findQuery({ root: 'PATIENT', level, keys, returnKeys: [], fuzzy }));
  const sql = idsSql(level, where, where?.indexed !== true);
  const window = where?.indexed === true ? [] : [0, 10_000];
  return db
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...window, ...(where?.values ?? []))
    .map((row) => row.detail);
}

const key = (keyword: string, value: string, kind: 'single' | 'wildcard' = 'single'): FindKey => ({
  tag: requiredTag(keyword),
  kind,
  value,
});
const day: FindKey = { tag: requiredTag('StudyDate'), kind: 'range', from: '20260101', to: '20260102' };

test.each<[string, readonly FindKey[]]>([
  ['patient id', [key('PatientID', '010190-123A')]],
  ['patient id and issuer', [key('PatientID', '010190-123A'), key('IssuerOfPatientID', '1.2.246.21')]],
  ['beginning of a patient id', [key('PatientID', '0101*', 'wildcard')]],
  ['name', [key('PatientName', 'Virtanen^Anna')]],
  ['beginning of a name', [key('PatientName', 'Virtanen*', 'wildcard')]],
  ['accession number', [key('AccessionNumber', 'A1')]],
  ['study UID', [key('StudyInstanceUID', '1.2.3')]],
  ['series UID', [key('SeriesInstanceUID', '1.2.3')]],
  [
    'name and station',
    [key('PatientName', 'Virtanen*', 'wildcard'), key('StationName', 'CT1'), key('SOPClassUID', '1.2')],
  ],
  ['list of study UIDs', [{ tag: requiredTag('StudyInstanceUID'), kind: 'list', values: ['1.2.3', '1.2.4'] }]],
  ['study date', [key('StudyDate', '20260101')]],
  ['range of study dates with a modality', [day, key('ModalitiesInStudy', 'CT')]],
  [
    'range of study dates with a time and a code',
    [day, { tag: requiredTag('StudyTime'), kind: 'range', from: '10', to: '11' }],
  ],
])('a search by %s walks no table', (_what, keys) => {
  const db = emptyIndex();
  for (const level of LEVELS) {
    // A key of the study is none of the patient.
    if (keys.some((each) => matchKeyOf(each.tag, level) === undefined)) continue;
    expect(planOf(db, level, keys).filter((step) => step.startsWith('SCAN'))).toEqual([]);
  }
});

test('a search that no index helps walks its table by ids', () => {
  const plan = planOf(emptyIndex(), 'STUDY', [key('StudyDescription', '*thorax*', 'wildcard')]);
  expect(plan).toEqual([
    'SEARCH t USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
    // Whether all of it is hidden: a table that is almost always empty.
    'CORRELATED SCALAR SUBQUERY 1',
    'SEARCH hs USING INTEGER PRIMARY KEY (rowid=?)',
  ]);
});

test('a fuzzy name search walks too, whatever the index says', () => {
  const plan = planOf(emptyIndex(), 'PATIENT', [key('PatientName', 'Virtanen')], true);
  expect(plan[0]).toMatch(/^SEARCH p USING INTEGER PRIMARY KEY/);
});
