import type { AeRow } from '../index/index-types.ts';

/** What is wrong with the AE register of a national node, a sentence with its remedy each: what comes belongs to the sender's organisation. */
export function forwarderProblems(
  aes: readonly Pick<AeRow, 'aet' | 'organisation' | 'services'>[],
  organisations: readonly { readonly key: string }[],
): string[] {
  const known = new Set(organisations.map(({ key }) => key));
  return aes
    .filter(({ services }) => services.includes('store'))
    .flatMap(({ aet, organisation }) => {
      if (organisation === null)
        return [
          `AE ${aet} may store and has no organisation, so that what it archives belongs to nobody's register: kuva ae add ${aet} --organisation KEY`,
        ];
      return known.has(organisation)
        ? []
        : [
            `AE ${aet} stores for ${organisation}, which is not in the register of organisations: kuva org set ${organisation} --name NAME --business-id Y-TUNNUS`,
          ];
    });
}
