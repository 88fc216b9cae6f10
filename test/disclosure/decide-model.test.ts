import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { decide } from '../../src/disclosure/decide.ts';
import type { Question } from '../../src/disclosure/question.ts';
import { mayKnow } from '../../src/disclosure/test-support/brute-force-model.ts';
import { POLICY } from '../../src/disclosure/test-support/scenario.ts';
import type { PatientWill, WillRegister } from '../../src/index/disclosure/disclosure-types.ts';
import { modelOf } from './model-of.ts';
import { request, world } from './random-world.ts';
import type { Request, World } from './random-world.ts';

vi.setConfig({ testTimeout: 120_000 });

test('the decision by the law as data is that of the rules as sentences', () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(world, fc.array(request, { minLength: 20, maxLength: 20 }), (random, requests) => {
      for (const each of requests) {
        for (const study of random.studies) {
          const decision = decide(questionOf(each, study, random), POLICY);
          const expected = mayKnow(...modelOf(each, study, random));
          expect(decision.outcome, JSON.stringify([each, study, decision])).toBe(expected ? 'permit' : 'deny');
          const outcome = decision.basis ?? decision.reasonCode;
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      }
    }),
    { numRuns: 300, endOnFailure: true },
  );
  // Every basis and every ground for refusal has come up.
  const rare = [
    'OWN_REGISTER',
    'OUTSOURCED',
    'OTHER_LAW',
    'EMERGENCY',
    'GROUP',
    'CONSENT',
    'DENIED',
    'NOT_INFORMED',
    'NO_CONSENT',
    'CONSENT_NOT_FOR_DIRECT',
    'NO_CARE_RELATIONSHIP',
    'NO_PERSON',
    'UNKNOWN_PURPOSE',
  ];
  expect(rare.filter((outcome) => (outcomes.get(outcome) ?? 0) < 5)).toEqual([]);
});

function questionOf(each: Request, study: World['studies'][number], { wills }: World): Question {
  const [asker, resource] = modelOf(each, study, { studies: [], wills });
  const rows = (register: WillRegister) =>
    wills
      .filter((will) => will.register === register && ['', study.patientId].includes(will.row.patientId))
      .map(({ row }) => ({ ...row, id: 0, version: 1, endedAt: null, endedBy: '' }));
  return {
    at: each.at,
    requester: { ...asker, organisation: each.organisation, specifier: '', role: '' },
    resource: {
      ...resource,
      organisation: study.organisation,
      specifier: '',
      kind: resource.isPrivate === null ? 'unknown' : resource.isPrivate ? 'private' : 'public',
      created: study.date,
    },
    birthDate: resource.birthDate,
    will: {
      consents: rows('consent'),
      denials: rows('denial'),
      informings: rows('informing'),
      authorisations: rows('authorisation'),
      relations: rows('relation'),
    } as unknown as PatientWill,
    purpose: each.purpose === 'CURIOSITY' ? null : (each.purpose as Question['purpose']),
    specialReason: each.specialReason,
    channel: each.channel,
  };
}
