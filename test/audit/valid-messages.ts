import { encodeAuditMessage } from '../../src/audit/audit-message.ts';
import { syslogFrame } from '../../src/audit/syslog-message.ts';
import { Random } from '../soak/random.ts';
import { randomMessage } from './random-messages.ts';
import { schemaProblems } from './schema-problems.ts';
import { readFrames } from './syslog-frames.ts';

/** What every repository must take (PS3.15 A.6). */
const LONGEST_MESSAGE = 32_768;

export interface ValidityRun {
  readonly messages: number;
  /** Of the longest, its frame's count. */
  readonly longest: number;
  /** Event IDs with how often they were made. */
  readonly events: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/** Makes messages, sends them through frames as one stream, and holds them against the standards. */
export async function validityRun(messages: number, seed: number): Promise<ValidityRun> {
  const random = new Random(seed);
  const faults: string[] = [];
  const events: Record<string, number> = {};
  let longest = 0;
  const AT_ONCE = 5000;
  for (let from = 1; from <= messages; from += AT_ONCE) {
    const made = Array.from({ length: Math.min(AT_ONCE, messages - from + 1) }, (_, i) => {
      const message = randomMessage(random);
      events[message.event.code] = (events[message.event.code] ?? 0) + 1;
      const text = encodeAuditMessage(message, {
        id: 'KUVA',
        enterpriseSite: random.pick(['', 'Åbo <centralsjukhus>']),
      });
      return { id: from + i, at: message.at, failed: message.outcome !== 0, text };
    });
    const origin = {
      hostname: random.pick(['archive-1', 'årkiv 1', '']),
      appName: 'kuva',
      processId: '4711',
      messageId: random.pick(['DICOM+RFC3881', 'IHE+RFC-3881']),
    };
    const records = readFrames(Buffer.concat(made.map((message) => syslogFrame(origin, message))));
    if (records.length !== made.length) faults.push(`${made.length} messages made ${records.length} frames`);
    for (const [i, { id, at, failed, text }] of made.entries()) {
      const record = records[i];
      if (record === undefined) continue;
      longest = Math.max(longest, record.length);
      const wrong = [
        record.message === text ? '' : 'the text came out otherwise',
        record.sequenceId === id ? '' : `sequenceId ${record.sequenceId}`,
        record.priority === (failed ? 84 : 85) ? '' : `PRI ${record.priority}`,
        Date.parse(record.timestamp) === at ? '' : `TIMESTAMP ${record.timestamp}`,
        record.appName === 'kuva' && record.messageId === origin.messageId ? '' : 'APP-NAME or MSGID',
        record.length <= LONGEST_MESSAGE ? '' : `${record.length} octets`,
      ].filter((fault) => fault !== '');
      if (wrong.length > 0) faults.push(`message ${id}: ${wrong.join(', ')}`);
    }
    const problems = await schemaProblems(records.map(({ message }) => message));
    if (problems !== '') faults.push(problems);
  }
  return { messages, longest, events, faults };
}
