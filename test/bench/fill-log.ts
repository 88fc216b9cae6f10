import { encodeEntry } from '../../src/access-log/access-entry.ts';
import type { NewLogEntry } from '../../src/index/access-log/access-log-types.ts';
import { IndexService } from '../../src/index/index-service.ts';

const COMMIT = 5000;
const FIRST_AT = Date.UTC(2026, 0, 1);

/** Writes a use log of so many entries, as searches by many people of many patients make them. @returns seconds */
export async function fillLog(database: string, entries: number): Promise<number> {
  await using index = await IndexService.open({ path: database, readers: 1 });
  const begun = performance.now();
  for (let at = 0; at < entries; at += COMMIT) {
    const length = Math.min(COMMIT, entries - at);
    await index.write(
      'accessLogAppend',
      'use',
      Array.from({ length }, (_, i) => entryOf(at + i)),
    );
  }
  return (performance.now() - begun) / 1000;
}

function entryOf(n: number): NewLogEntry {
  return encodeEntry({
    log: 'use',
    at: FIRST_AT + n * 100,
    person: `${String(1 + (n % 28)).padStart(2, '0')}01${String(n % 90).padStart(2, '0')}-9${String(n % 100).padStart(2, '0')}X`,
    eventType: 'C-FIND',
    purpose: 'CARE',
    application: `WORKSTATION${n % 50}`,
    organisation: 'fictitious-district',
    user: `1.2.246.537.26.9${n % 1000}`,
    role: 'physician',
    certificate: `CN=workstation${n % 50}.example.org,O=Fictitious District`,
    address: '10.1.2.3',
    calledAet: 'BENCH',
    searchCriteria: 'STUDY PatientID StudyDate',
    outcome: 'permitted',
    basis: 'OWN_REGISTER',
    reasonCode: 'PERMITTED',
    specialReason: '',
    policy: 'kuv-sim-1 703/2023',
    channel: 'DIRECT',
    itemType: 'study',
    itemId: `2.999.1.2026.${n}`,
    items: 1,
    controller: '1.2.246.10.99900011.19.0',
    register: '2',
    registerSpecifier: '',
    serviceEvent: `1.2.246.10.99900011.14.2026.${n}`,
    recipient: 'fictitious-district',
  });
}
