import { expect, test } from 'vitest';
import { dataSetOf, sequence, text } from '../dicom/data-set.ts';
import type { DataSet } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { readDoseReport, together } from './dose-report.ts';
import { summariseDoses } from './dose-summary.ts';

function code(tag: number, value: string, scheme: string) {
  return sequence(tag, [
    dataSetOf(text(TAG.CodeValue, 'SH', value, ''), text(TAG.CodingSchemeDesignator, 'SH', scheme, '')),
  ]);
}

function number(concept: string, value: string, unit: string, scheme = 'DCM'): DataSet {
  return dataSetOf(
    text(TAG.ValueType, 'CS', 'NUM', ''),
    code(TAG.ConceptNameCodeSequence, concept, scheme),
    sequence(TAG.MeasuredValueSequence, [
      dataSetOf(code(TAG.MeasurementUnitsCodeSequence, unit, 'UCUM'), text(TAG.NumericValue, 'DS', value, '')),
    ]),
  );
}

function container(...items: DataSet[]): DataSet {
  return dataSetOf(text(TAG.ValueType, 'CS', 'CONTAINER', ''), sequence(TAG.ContentSequence, items));
}

const read = (...items: DataSet[]) => Object.fromEntries(readDoseReport(container(...items)));

test('of a CT the total and the highest acquisition, wherever in the tree they stand', () => {
  const acquisition = (ctdi: string) =>
    container(container(number('113830', ctdi, 'mGy'), number('113838', '9', 'mGy.cm')));
  expect(read(container(number('113813', '512.4', 'mGy.cm')), acquisition('8.1'), acquisition('22.5'))).toEqual({
    dlp: 512.4,
    ctdivol: 22.5,
  });
});

test('of two planes the sum, in one unit', () => {
  const plane = (dap: string, unit: string) => container(number('113722', dap, unit), number('113725', '0.25', 'Gy'));
  expect(read(plane('0.0012', 'Gy.m2'), plane('300', 'cGy.cm2'))).toEqual({
    dap: expect.closeTo(15, 9),
    'dose-rp': 500,
  });
});

test('what is no number, in no known unit, of another scheme or negative is left out', () => {
  expect(
    read(
      number('113813', '', 'mGy.cm'),
      number('113813', 'much', 'mGy.cm'),
      number('113813', '5', 'furlong'),
      number('113813', '5', '__proto__'),
      number('113813', '5', 'mGy.cm', '99LOCAL'),
      number('113722', '-1', 'Gy.m2'),
      dataSetOf(text(TAG.ValueType, 'CS', 'NUM', '')),
    ),
  ).toEqual({});
});

test('reports of one study count together', () => {
  const one = readDoseReport(container(number('113813', '100', 'mGy.cm'), number('113830', '8', 'mGy')));
  const other = readDoseReport(container(number('113813', '50', 'mGy.cm'), number('113830', '5', 'mGy')));
  expect(Object.fromEntries(together(one, other))).toEqual({ dlp: 150, ctdivol: 8 });
});

test('quartiles of each code, as numpy has them', () => {
  const examination = (organisation: string, dlp: number) => ({
    organisation,
    code: 'ZG1BD',
    doses: new Map([['dlp', dlp]]),
  });
  const rows = summariseDoses([
    examination('b', 7),
    ...[400, 100, 250, 310, 90].map((dlp) => examination('a', dlp)),
    { organisation: 'a', code: '', doses: new Map([['dap', 1]]) },
  ]);
  expect(rows.map((row) => [row.organisation, row.code, row.quantity, row.examinations])).toEqual([
    ['a', '', 'dap', 1],
    ['a', 'ZG1BD', 'dlp', 5],
    ['b', 'ZG1BD', 'dlp', 1],
  ]);
  expect(rows[1]).toMatchObject({ unit: 'mGy.cm', median: 250, thirdQuartile: 310, highest: 400 });
  expect(summariseDoses([examination('a', 1), examination('a', 2)])[0]).toMatchObject({
    median: 1.5,
    thirdQuartile: 1.75,
  });
});
