import type { ModelAsker, ModelStudy } from '../../src/disclosure/test-support/brute-force-model.ts';
import { parseHetu } from '../../src/identity/hetu.ts';
import type { NewWill } from '../../src/index/disclosure/disclosure-types.ts';
import { ORGANISATIONS } from './random-world.ts';
import type { Request, World } from './random-world.ts';

/** A study and who asks for it, as the model sees them. */
export function modelOf(
  each: Request,
  study: World['studies'][number],
  random: World,
): [ModelAsker, ModelStudy, readonly NewWill[]] {
  const organisation = ORGANISATIONS.find(({ key }) => key === each.organisation);
  const sender = ORGANISATIONS.find(({ key }) => key === study.organisation);
  const controller = study.linked?.controller ?? sender?.controllerOid ?? '';
  const kind = ORGANISATIONS.find(({ controllerOid }) => controllerOid === controller)?.kind;
  const parsed = parseHetu(study.patientId);
  return [
    {
      controller: organisation?.controllerOid ?? '',
      registerCode: organisation?.registerCode ?? '',
      oids: organisation === undefined ? [] : [organisation.oid, organisation.controllerOid],
      person: each.person,
      purpose: each.purpose,
      specialReason: each.specialReason,
      direct: each.channel === 'DIRECT',
      at: each.at,
    },
    {
      patientId: study.patientId,
      birthDate: 'hetu' in parsed ? parsed.hetu.birthDate : '',
      controller,
      registerCode: study.linked?.registerCode ?? sender?.registerCode ?? '',
      isPrivate: kind === 'public' ? false : kind === 'private' ? true : null,
      serviceEvent: study.linked?.serviceEvent ?? '',
      date: study.date,
    },
    random.wills,
  ];
}
