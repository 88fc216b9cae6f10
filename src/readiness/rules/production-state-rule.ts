import { enablementOn } from '../../registers/production-state.ts';
import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** The deployment of the study's controller has come far enough for each content type; who is not known is for another rule. */
export const productionStateRule: Rule = (
  _facts,
  { profile, contentTypes, enablements, organisation, controllerOid, day },
) =>
  controllerOid === ''
    ? []
    : contentTypes.flatMap(({ name }) => {
        const state = enablementOn(enablements, name, day)?.state;
        if (state !== undefined && profile.registers.states[state].sends) return [];
        const key = organisation?.controllerOid === controllerOid ? `"${organisation.key}"` : 'KEY';
        return [
          {
            code: 'ORG_NOT_PRODUCTION',
            cause: `controller ${controllerOid} is ${state === undefined ? 'not planned' : `in ${state}`} for ${name}`,
            remedy: `kuva org enable ${key} --content-type ${name} --state STATE, step by step to PRODUCTION`,
            subject: SUBJECT.controller(controllerOid),
          },
        ];
      });
