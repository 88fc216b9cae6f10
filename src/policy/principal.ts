import type { AeRow, AeService } from '../index/index-types.ts';

/** Who is at the other end of an association, as the policy found; carried on `association.principal`. */
export interface Principal {
  readonly aet: string;
  /** Owner of what it sends; null when neither the AE nor the node has one. */
  readonly organisation: string | null;
  readonly services: ReadonlySet<AeService>;
  /** Its entry in the AE register; null for an AE that is only let in by the development default. */
  readonly entry: AeRow | null;
  /** Name of the verified user, when user identity was verified. */
  readonly user: string | null;
  /** Text of the user identity that it sent, verified or not (PS3.7 D.3.3.7, types 1 and 2); '' for none. */
  readonly claim: string;
  readonly calledAET: string;
  /** Where it called from. */
  readonly address: string;
  /** Of its certificate, when that was verified; null otherwise. */
  readonly tlsSubject: string | null;
}

/** Whether the caller is one of quality control, which sees rejected objects (IHE IOCM); nobody is that by default. */
export function seesRejected({ principal }: { readonly principal: unknown }): boolean {
  if (typeof principal !== 'object' || principal === null || !('entry' in principal)) return false;
  return (principal as Principal).entry?.qualityControl === true;
}

/** The principal of an association, checked, since the association carries it as unknown. @throws TypeError when there is none */
export function principalOf(assoc: { readonly principal: unknown }): Principal {
  const { principal } = assoc;
  if (
    typeof principal !== 'object' ||
    principal === null ||
    !('services' in principal && principal.services instanceof Set)
  ) {
    throw new TypeError('association carries no principal');
  }
  return principal as Principal;
}
