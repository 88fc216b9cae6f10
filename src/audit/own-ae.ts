import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import type { AuditAe } from './audit-actors.ts';

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

/** This node in every message: with one address, or its name when it listens on all (PS3.15 A.5.2.4). */
export function ownAe({ node, dicom }: Pick<Config, 'node' | 'dicom'>): AuditAe {
  return { aet: node.aeTitle, address: EVERY_ADDRESS.has(dicom.host) ? hostname() : dicom.host };
}
