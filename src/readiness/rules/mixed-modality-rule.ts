import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** All objects of a series have one modality (PS3.3 C.7.3.1). A PDF made into the series of its ECG breaks this. */
export const mixedModalityRule: Rule = (facts) =>
  facts.marks.includes('MODALITY_MISMATCH')
    ? [
        {
          code: 'MIXED_MODALITY',
          cause: 'objects of one series have different modalities',
          remedy:
            'have the sending system reject the report with a rejection note, put it into a series of its own, and send it again with new UIDs',
          subject: SUBJECT.study(facts.studyInstanceUid),
        },
      ]
    : [];
