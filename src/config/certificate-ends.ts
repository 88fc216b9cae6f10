import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from './schema.ts';

/** A certificate of this node's own, and when it ends (ms since 1970 UTC). */
export interface CertificateEnd {
  readonly path: string;
  readonly endsAt: number;
}

/** Of the files that can be read; what is wrong with the others is told where they are needed. */
export function certificateEnds({ dicom: { tls } }: Config): CertificateEnd[] {
  if (tls === null) return [];
  try {
    return [{ path: tls.cert, endsAt: Date.parse(new X509Certificate(readFileSync(tls.cert)).validTo) }];
  } catch {
    return [];
  }
}
