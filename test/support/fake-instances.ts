import type { InstanceRef } from '../../src/index/index-types.ts';

/** References to instances that exist nowhere, for tests that never read their bytes. */
export function fakeInstances(count: number, change: Partial<InstanceRef> = {}): InstanceRef[] {
  return Array.from({ length: count }, (_, i) => ({
    instanceId: i + 1,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    sopInstanceUid: `2.25.${i + 1}`,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    sha256: i.toString(16).padStart(64, '0'),
    size: 1000,
    studyInstanceUid: '2.25.9001',
    seriesInstanceUid: '2.25.9002',
    ...change,
  }));
}
