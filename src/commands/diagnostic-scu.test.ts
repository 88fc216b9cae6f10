import { expect, test } from 'vitest';
import { withoutNotes } from './diagnostic-scu.ts';

test("the library's notes are no data, neither beside the keywords nor in items", () => {
  expect(
    withoutNotes({
      _vrMap: { ModalitiesInStudy: 'UN' },
      PatientName: [{ Alphabetic: 'A^B' }],
      RequestAttributesSequence: [{ _vrMap: {}, RequestedProcedureID: '1' }],
      NumberOfStudyRelatedSeries: 1,
    }),
  ).toEqual({
    PatientName: [{ Alphabetic: 'A^B' }],
    RequestAttributesSequence: [{ RequestedProcedureID: '1' }],
    NumberOfStudyRelatedSeries: 1,
  });
});
