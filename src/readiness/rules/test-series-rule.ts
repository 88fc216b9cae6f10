import { parseHetu } from '../../identity/hetu.ts';
import { enablementOn } from '../../registers/production-state.ts';
import { SUBJECT } from '../finding.ts';
import type { RuleFinding } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** Tests are made with the 900 series of personal identity codes only, and production takes none of it. */
export const testSeriesRule: Rule = (facts, { profile, contentTypes, enablements, controllerOid, day }) => {
  const result = parseHetu(facts.patient.id);
  if ('fault' in result) return [];
  const states = new Set(contentTypes.map(({ name }) => enablementOn(enablements, name, day)?.state));
  return [...states].flatMap((state): RuleFinding[] => {
    if (state === undefined || !profile.registers.states[state].sends) return [];
    const { patients } = profile.registers.states[state];
    const subject = SUBJECT.controller(controllerOid);
    if (patients === 'people' && result.hetu.isTestSeries)
      return [
        {
          code: 'PID_TEST_SERIES',
          cause: `Patient ID is of the 900 series, for tests and temporary use, and the organisation is in ${state}`,
          remedy: 'send test patients while the organisation is in TEST or COMMISSIONING: kuva org show KEY',
          subject,
        },
      ];
    if (patients === 'test' && !result.hetu.isTestSeries)
      return [
        {
          code: 'PID_NOT_TEST_SERIES',
          cause: `the organisation is in ${state}, where only patients of the 900 series may be sent`,
          remedy: 'kuva org enable KEY --content-type TYPE --state PRODUCTION, when its tests are done',
          subject,
        },
      ];
    return [];
  });
};
