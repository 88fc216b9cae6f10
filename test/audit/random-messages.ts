import type { AuditActor, AuditAe } from '../../src/audit/audit-actors.ts';
import type { AuditMessage } from '../../src/audit/audit-message.ts';
import { dataExport, dataImport, documentGroups, studyGroups } from '../../src/audit/events/media-events.ts';
import { localQuery, query } from '../../src/audit/events/query-event.ts';
import {
  applicationActivity,
  auditLogUsed,
  auditRecording,
  securityAlert,
  securityConfiguration,
  userAuthentication,
} from '../../src/audit/events/security-events.ts';
import type { AuditedStudy } from '../../src/audit/events/study-objects.ts';
import {
  beginTransferring,
  instancesAccessed,
  instancesTransferred,
  studyDeleted,
} from '../../src/audit/events/transfer-events.ts';
import { STORAGE_SOP_CLASSES } from '../../src/dicom/sop-class-table.ts';
import type { Random } from '../soak/random.ts';

const SOP_CLASSES = [...STORAGE_SOP_CLASSES.keys()];
const AETS = ['CT1', 'MR-3T', 'EKG_KARTA', 'PACS', 'KUVA', 'WORKSTATION_0012'] as const;
const NAMES = [
  'Mäkinen^Åsa',
  'Šeppälä^Žofia',
  'ヤマダ^タロウ',
  "O'Brien^Séan",
  'Test^"Quoted"',
  'Nuorgam^Ánne',
] as const;
const HOSTILE = [
  '',
  ' ',
  '\t leading and trailing \t',
  '\r\nSet-Cookie: x\r\n<85>1 2020-01-01T00:00:00Z forged kuva 1 ID - x',
  ']]>',
  '<![CDATA[',
  '<!-- -->',
  '"><ActiveParticipant UserID="forged" UserIsRequestor="true"/>',
  '&lt;&#0;&amp;&unknown;',
  '\'"`',
  '\u0000\u0001\u0008\u000b\u000c\u001b[2J\u007f\u0085\u009f',
  '\u2028\u2029\u202e\u200b\ufeff',
  '\ud800',
  '\udfff tail',
  'half \ud83d of a pair',
  '\ufffe\uffff',
  '😀🇫🇮',
  'x'.repeat(399) + '😀' + 'y'.repeat(20_000),
  '<'.repeat(10_000),
] as const;

/** A message as an archive's life brings it about, one in four with something in it that a hostile peer would send. */
export function randomMessage(random: Random): AuditMessage {
  const hostile = random.next() < 0.25;
  const text = (...usual: readonly [string, ...string[]]): string =>
    hostile && random.next() < 0.5 ? random.pick(HOSTILE) : random.pick(usual);
  const at = Date.UTC(2026, 0, 1) + random.between(0, 31_536_000_000);
  const ae = (): AuditAe => ({
    aet: text(...AETS),
    ...(random.next() < 0.7 ? { address: text('10.20.30.40', '::1', 'fe80::1%eth0', 'pacs.example.org') } : {}),
    ...(random.next() < 0.2 ? { user: text('maija.makinen', 'teknikko-7', ...NAMES) } : {}),
  });
  const person = () => ({ person: text('root@archive-1', 'dicom@archive-1.example.org') });
  const actor = (): AuditActor => (random.next() < 0.5 ? ae() : person());
  const why = (): string => text('the archive wants to be asked again later', 'STORE_FULL', 'user name is wrong');
  const outcome = () => random.pick<AuditMessage['outcome']>([0, 0, 0, 4, 8, 12]);
  const several = <T>(most: number, make: () => T): T[] => Array.from({ length: random.between(1, most) }, make);
  const patient = (): string => text('010181-900C', '020594X903P', '', 'TEMP-0001 ');
  const study = (): AuditedStudy => ({
    studyInstanceUid: text(`1.2.246.10.90000011.${random.between(1, 1_000_000_000)}`),
    patientId: patient(),
    sopClasses: Array.from({ length: hostile ? random.between(0, 300) : random.between(0, 4) }, () => ({
      uid: text(...(SOP_CLASSES as [string, ...string[]])),
      instances: random.between(1, 4000),
    })),
  });
  const transfer = () => ({
    at,
    source: ae(),
    destination: ae(),
    requestor: random.pick<'source' | 'destination' | AuditActor>(['source', 'destination', actor()]),
    study: study(),
  });
  const uri = (): string => text('file:///media/cdrom/DICOMDIR', 'file:///tmp/%C3%A5', 'kuva:KUVA/log/use');
  const media = () => ({
    at,
    by: person(),
    media: uri(),
    objects:
      random.next() < 0.5
        ? first(
            documentGroups(
              patient(),
              several(30, () => text('1.2.246.10.90000011.11.2026.1.3.1')),
            ),
          )
        : first(studyGroups(several(40, study))),
    outcome: outcome(),
    ...(random.next() < 0.5 ? { outcomeText: why() } : {}),
  });
  const failed = () => (random.next() < 0.3 ? why() : undefined);
  const make = random.pick<() => AuditMessage>([
    () => applicationActivity(at, random.pick(['start', 'stop']), ae(), actor(), failed()),
    () => auditLogUsed(at, actor(), uri(), random.next() < 0.5 ? text('head\n12\nhash=\n\n— key sig\n') : undefined),
    () => beginTransferring(transfer()),
    () => instancesTransferred({ ...transfer(), action: 'C', outcome: 0 }),
    () => instancesTransferred({ ...transfer(), action: 'R', outcome: outcome(), outcomeText: why() }),
    () => studyDeleted({ at, by: actor(), study: study(), why: why() }),
    () => instancesAccessed({ at, by: actor(), study: study(), action: 'D', why: why() }),
    () => instancesAccessed({ at, by: actor(), study: study(), action: 'R' }),
    () => dataExport(media()),
    () => dataImport(media()),
    () =>
      query({
        at,
        source: ae(),
        destination: ae(),
        ...(random.next() < 0.3 ? { onBehalfOf: actor() } : {}),
        sopClassUid: text('1.2.840.10008.5.1.4.1.2.2.1'),
        transferSyntaxUid: text('1.2.840.10008.1.2.1'),
        identifier: Buffer.alloc(hostile ? random.between(0, 60_000) : random.between(20, 400), random.between(0, 255)),
        outcome: outcome(),
        ...(random.next() < 0.5 ? { outcomeText: why() } : {}),
      }),
    () => localQuery({ at, by: person(), self: ae(), command: text('studies list'), criteria: text('user=Å') }),
    () => securityAlert(at, ae(), ae(), why()),
    () => securityConfiguration(at, actor(), uri(), why()),
    () => auditRecording(at, ae(), uri(), random.pick(['stopped', 'started']), why()),
    () => userAuthentication(at, ae(), ae(), failed()),
  ]);
  return make();
}

function first<T>(groups: readonly T[]): T {
  const [group] = groups;
  if (group === undefined) throw new Error('there is nothing to tell');
  return group;
}
