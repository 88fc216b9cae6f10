import { expect, test } from 'vitest';
import { encodeAuditMessage } from '../../src/audit/audit-message.ts';
import { query } from '../../src/audit/events/query-event.ts';
import { securityAlert } from '../../src/audit/events/security-events.ts';
import { instancesTransferred } from '../../src/audit/events/transfer-events.ts';
import { syslogFrame } from '../../src/audit/syslog-message.ts';
import { schemaProblems } from './schema-problems.ts';
import { readFrames } from './syslog-frames.ts';
import { validityRun } from './valid-messages.ts';

const SOURCE = { id: 'KUVA', enterpriseSite: 'Example' };
const SELF = { aet: 'KUVA', address: '10.0.0.1' };
const PEER = { aet: 'CT1', address: 'ct1.example.org' };

test('3,000 messages with what peers send, and could send, are valid by PS3.15 A.5 and travel unharmed in frames of RFC 5425', async () => {
  const run = await validityRun(3000, 11);
  expect(run.faults).toEqual([]);
  // Every kind of message was among them, and some had to be kept from growing too long for a repository.
  expect(Object.keys(run.events).sort()).toEqual(
    '110100 110101 110102 110103 110104 110105 110106 110107 110112 110113 110114'.split(' '),
  );
  expect(run.longest).toBeGreaterThan(16_384);
}, 120_000);

test('the schemas see what is wrong', async () => {
  const study = { studyInstanceUid: '1.2.3', patientId: '010181-900C', sopClasses: [{ uid: '1.2', instances: 3 }] };
  const stored = { at: 1e12, source: PEER, destination: SELF, requestor: 'source', study } as const;
  const good = encodeAuditMessage(instancesTransferred({ ...stored, action: 'C', outcome: 0 }), SOURCE);
  const alert = encodeAuditMessage(securityAlert(1e12, SELF, PEER, 'unknown'), SOURCE);
  expect(await schemaProblems([good, alert])).toBe('');
  const broken: readonly (readonly [from: string | RegExp, to: string, schema: string])[] = [
    [/<ActiveParticipant.*<\/ActiveParticipant>/, '', 'audit-message'],
    ['EventOutcomeIndicator="0"', 'EventOutcomeIndicator="1"', 'audit-message'],
    ['.000Z"', '"', 'audit-message'],
    ['<AuditSourceIdentification', '<AuditSource', 'audit-message'],
    ['EventActionCode="C"', 'EventActionCode="D"', 'audit-events'],
    ['csd-code="110152"', 'csd-code="110153"', 'audit-events'],
    [
      /<ParticipantObjectIdentification ParticipantObjectID="010181.*?<\/ParticipantObjectIdentification>/,
      '',
      'audit-events',
    ],
    ['NetworkAccessPointTypeCode="1"', 'NetworkAccessPointTypeCode="2"', 'audit-events'],
  ];
  for (const [from, to, schema] of broken) {
    const changed = good.replace(from, to);
    expect(changed).not.toBe(good);
    expect(await schemaProblems([good, changed]), String(from)).toContain(`${schema}.rng`);
  }
  const requested = alert.replaceAll('UserIsRequestor="false"', 'UserIsRequestor="true"');
  expect(await schemaProblems([requested])).toContain('audit-events.rng');
}, 60_000);

test('an identifier too long for a message is told by its beginning, its length and its hash', () => {
  const identifier = Buffer.alloc(100_000, 7);
  const facts = { at: 0, source: PEER, destination: SELF, sopClassUid: '1.2', transferSyntaxUid: '1.2.3', outcome: 0 };
  const whole = encodeAuditMessage(query({ ...facts, identifier: identifier.subarray(0, 500) } as never), SOURCE);
  expect(whole).toContain(identifier.subarray(0, 500).toString('base64'));
  expect(whole).not.toContain('Query Length');
  const cut = encodeAuditMessage(query({ ...facts, identifier } as never), SOURCE);
  expect(cut).toContain(`type="Query Length" value="${Buffer.from('100000').toString('base64')}"`);
  expect(cut).toContain('type="Query SHA-256"');
});

test('what is no frame is not read as one', () => {
  const origin = { hostname: 'h', appName: 'kuva', processId: '1', messageId: 'DICOM+RFC3881' };
  const frame = (text: string) => syslogFrame(origin, { id: 2_147_483_648, at: 0, failed: false, text });
  expect(readFrames(frame('<a/>'))).toMatchObject([{ sequenceId: 1, priority: 85, message: '<a/>' }]);
  const [one, two] = [frame('<a/>'), frame('<ä/>')];
  expect(readFrames(Buffer.concat([one, two])).map(({ message }) => message)).toEqual(['<a/>', '<ä/>']);
  const lied = Buffer.from(two.toString().replace(/^\d+/, (count) => String(Number(count) - 1)));
  expect(() => readFrames(lied)).toThrow('is no MSG-LEN');
  expect(() => readFrames(two.subarray(0, -1))).toThrow('the stream has fewer');
  expect(() => readFrames(frame('a\nb'))).toThrow('control character');
});
