import { parseTemporaryIssuer } from '../../identity/temporary-id.ts';
import { SUBJECT } from '../finding.ts';
import { correctIdentity } from '../rule.ts';
import type { Rule } from '../rule.ts';

/** Issuer of Patient ID (0010,0021), or its qualifiers, name an issuer that the archive trusts. */
export const issuerRule: Rule = (facts, { profile }) => {
  const { issuer, issuerQualifier } = facts.patient;
  const { hetuIssuer, hetuIssuerAliases } = profile.identity;
  const trusted = [issuer, issuerQualifier?.universalId ?? ''].some(
    (name) =>
      name === hetuIssuer ||
      hetuIssuerAliases.includes(name) ||
      (name !== '' && parseTemporaryIssuer(name) !== undefined),
  );
  if (trusted) return [];
  return [
    {
      code: 'ISSUER_MISSING',
      cause:
        issuer === ''
          ? 'Issuer of Patient ID is missing'
          : 'Issuer of Patient ID is neither that of personal identity codes nor one of temporary ids',
      remedy: `${correctIdentity(facts.studyInstanceUid)}; or name what it writes in identity.hetuIssuerAliases of the profile`,
      subject: SUBJECT.study(facts.studyInstanceUid),
    },
  ];
};
