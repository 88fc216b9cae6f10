import { parseHetu } from '../../identity/hetu.ts';
import type { HetuFault } from '../../identity/hetu.ts';
import { isTemporaryIdText, parseTemporaryIssuer } from '../../identity/temporary-id.ts';
import { SUBJECT } from '../finding.ts';
import type { RuleFinding } from '../finding.ts';
import { correctIdentity } from '../rule.ts';
import type { Rule } from '../rule.ts';

const FAULTS: Readonly<Record<HetuFault, string>> = {
  shape: 'is no personal identity code (DDMMYYCZZZQ)',
  date: 'has the shape of a personal identity code, but names no day of the calendar',
  serial: 'has the shape of a personal identity code, but its serial number is never given',
  check: 'has the shape of a personal identity code, but its check character does not fit',
};

/** Patient ID (0010,0020) is a valid personal identity code (HETU), or a temporary id of an organisation. */
export const patientIdRule: Rule = (facts, { profile }) => {
  const { id, issuer } = facts.patient;
  const subject = SUBJECT.study(facts.studyInstanceUid);
  const invalid = (what: string): RuleFinding[] => [
    { code: 'PID_INVALID', cause: `Patient ID ${what}`, remedy: correctIdentity(facts.studyInstanceUid), subject },
  ];
  if (id.trim() === '') return invalid('is missing');
  const temporary = parseTemporaryIssuer(issuer);
  if (temporary === undefined) {
    const result = parseHetu(id);
    return 'fault' in result ? invalid(FAULTS[result.fault]) : [];
  }
  if (!isTemporaryIdText(id)) return invalid('of a temporary id has not the eleven characters of its display form');
  if (!profile.readiness.holdTemporaryIds) return [];
  return [
    {
      code: 'PID_TEMPORARY',
      cause: `the patient has a temporary id of ${temporary.businessId}`,
      remedy: 'when the personal identity code is known: kuva identity merge TEMPORARY-ID CODE',
      subject,
    },
  ];
};
