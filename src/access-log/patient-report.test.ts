import { expect, test } from 'vitest';
import { accessEntry } from '../../test/support/access-entry.ts';
import type { LogEntryRow } from '../index/access-log/access-log-types.ts';
import type { AccessEntry } from './access-entry.ts';
import { encodeEntry } from './access-entry.ts';
import { patientReport, reportSince } from './patient-report.ts';
import { writeRefusal, writeReport } from './report-text.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const rules = { reportYears: 2, namesPersons: true, specialReason: '', now: NOW };
const head = { person: '010181-900C', node: 'ARCHIVE', reportYears: 2, now: NOW };

function row(seq: number, of: Partial<AccessEntry>): LogEntryRow {
  const entry = accessEntry(of);
  return { log: entry.log, seq, ...encodeEntry(entry) };
}

const rows = [
  row(0, { at: Date.parse('2023-05-01T00:00:00Z'), itemId: '1.2.old' }),
  row(1, { at: Date.parse('2026-07-01T12:00:00Z'), itemId: '1.2.new', specialReason: 'second opinion' }),
  row(2, { at: Date.parse('2025-01-01T00:00:00Z'), log: 'use', itemId: '1.2.own' }),
  row(3, { at: Date.parse('2026-01-01T00:00:00Z'), outcome: 'denied', itemId: '1.2.denied' }),
];

test('two years are told without a reason, older ones only with one, refused attempts never', () => {
  const plain = patientReport(rows, rules);
  expect(plain.lines.map(({ item }) => item)).toEqual(['1.2.own', '1.2.new']);
  expect(plain.older).toBe(1);
  const all = patientReport(rows, { ...rules, specialReason: 'legal proceedings' });
  expect(all.lines.map(({ item }) => item)).toEqual(['1.2.old', '1.2.own', '1.2.new']);
  expect(all.older).toBe(0);
});

test('persons are left out where the archive does not name them; the limit is the same day of the year', () => {
  expect(patientReport(rows, { ...rules, namesPersons: false }).lines.map(({ user }) => user)).toEqual(['', '']);
  expect(new Date(reportSince(NOW, 2)).toISOString()).toBe('2024-11-25T10:00:00.000Z');
});

test('the report is in the patient’s language and local time, and says what it leaves out', () => {
  const written = writeReport(patientReport(rows, rules), { ...head, language: 'sv' });
  expect(written.title).toContain('utlämnande');
  expect(written.rows[1]).toContain('consent (second opinion)');
  expect(written.rows[1]?.[0]).toBe('2026-07-01 15:00:00');
  expect(written.notes).toEqual([expect.stringContaining('1 äldre')]);
});

test.each(['fi', 'sv', 'en'] as const)('a refusal in %s names the ground and where to complain', (language) => {
  const letter = writeRefusal('serious danger to the health of another', { ...head, language });
  expect(letter).toContain('serious danger to the health of another');
  expect(letter).toMatch(/tietosuojavaltuutetun|dataombudsmannen|Ombudsman/);
  expect(letter).not.toMatch(/\{|undefined/);
});
