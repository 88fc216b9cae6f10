import { describe, expect, test } from 'vitest';
import { dataSetOf, encodeDataSet, text, uid } from '../dicom/data-set.ts';
import type { Element } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { UID } from '../dicom/uids.ts';
import { RetrieveRefusedError } from './retrieve-errors.ts';
import { parseRetrieveIdentifier } from './retrieve-identifier.ts';
import type { InformationModel } from './retrieve-identifier.ts';

const TS = UID.ExplicitVRLittleEndian;

function parse(model: InformationModel, level: string, ...keys: Element[]) {
  const identifier = encodeDataSet(dataSetOf(text(TAG.QueryRetrieveLevel, 'CS', level, ''), ...keys), TS);
  return parseRetrieveIdentifier(identifier, TS, model);
}

function refusal(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof RetrieveRefusedError) return error.status;
    throw error;
  }
  throw new Error('was not refused');
}

const study = uid(TAG.StudyInstanceUID, '1.2.3');
const series = uid(TAG.SeriesInstanceUID, '1.2.3.4');
const patient = text(TAG.PatientID, 'LO', 'P1 ', '');

describe('parseRetrieveIdentifier', () => {
  test('takes the unique keys of each level and of those above', () => {
    expect(parse('PATIENT', 'PATIENT', patient)).toEqual({ level: 'PATIENT', patientId: 'P1' });
    expect(parse('PATIENT', 'STUDY', patient, study)).toEqual({
      level: 'STUDY',
      patientId: 'P1',
      studyUids: ['1.2.3'],
    });
    expect(parse('STUDY', 'SERIES', study, series)).toEqual({
      level: 'SERIES',
      studyUids: ['1.2.3'],
      seriesUids: ['1.2.3.4'],
    });
    expect(parse('STUDY', 'IMAGE', uid(TAG.SOPInstanceUID, '1.5'))).toEqual({ level: 'IMAGE', sopUids: ['1.5'] });
  });

  test('takes a list of UIDs, each once', () => {
    expect(parse('STUDY', 'STUDY', uid(TAG.StudyInstanceUID, '1.2\\1.3\\1.2'))).toEqual({
      level: 'STUDY',
      studyUids: ['1.2', '1.3'],
    });
  });

  test('leaves keys below the level out', () => {
    expect(parse('STUDY', 'STUDY', study, series)).toEqual({ level: 'STUDY', studyUids: ['1.2.3'] });
  });

  test.each([
    ['no unique key', () => parse('STUDY', 'STUDY'), TAG.StudyInstanceUID],
    [
      'an empty unique key',
      () => parse('STUDY', 'SERIES', study, uid(TAG.SeriesInstanceUID, '')),
      TAG.SeriesInstanceUID,
    ],
    ['a wildcard', () => parse('STUDY', 'STUDY', uid(TAG.StudyInstanceUID, '1.2*')), TAG.StudyInstanceUID],
    [
      'an empty value in a list',
      () => parse('STUDY', 'STUDY', uid(TAG.StudyInstanceUID, '1.2\\\\1.3')),
      TAG.StudyInstanceUID,
    ],
    ['a level of another model', () => parse('STUDY', 'PATIENT', patient), TAG.QueryRetrieveLevel],
    ['an unknown level', () => parse('PATIENT', 'FRAME', patient), TAG.QueryRetrieveLevel],
    ['patient level without a Patient ID', () => parse('PATIENT', 'PATIENT'), TAG.PatientID],
  ])('refuses %s with A900 and the key', (_name, act, tag) => {
    expect(refusal(act)).toMatchObject({ code: 0xa900, offendingElement: [tag] });
  });

  test('refuses bytes that are no data set', () => {
    expect(refusal(() => parseRetrieveIdentifier(Buffer.from('no data set at all'), TS, 'STUDY'))).toMatchObject({
      code: 0xa900,
    });
  });
});
