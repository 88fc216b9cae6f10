import { expect, test } from 'vitest';
import { AdtError, adtMessagesOf, readAdtMessage } from './adt-message.ts';

const message = (...segments: string[]): Buffer =>
  Buffer.from(['MSH|^~\\&|PATADM|HOSP|KUVA|HOSP|20261127||ADT^A40^ADT_A39|MSG1|P|2.5', ...segments].join('\r'));
const PID = 'PID|1||010190-998V^^^HETU&1.2.246.21&ISO^SS~12345^^^HOSP||Demo^Aino^Maria^jr^Dr||19900101120000|F';

function faultOf(bytes: Buffer): string {
  try {
    adtMessagesOf(bytes).forEach(readAdtMessage);
    return 'read';
  } catch (error) {
    if (error instanceof AdtError) return error.message;
    throw error;
  }
}

test('reads who is retired, who the patient is, and what is said of them', () => {
  const [text] = adtMessagesOf(message('EVN|A40|20261127', PID, 'PD1|x', 'MRG|TMP-1^^^HOSP~TMP-2'));
  expect(readAdtMessage(text!)).toEqual([
    {
      event: 'A40',
      controlId: 'MSG1',
      sender: 'PATADM',
      retired: [
        { id: 'TMP-1', authority: 'HOSP' },
        { id: 'TMP-2', authority: '' },
      ],
      ids: [
        { id: '010190-998V', authority: '1.2.246.21' },
        { id: '12345', authority: 'HOSP' },
      ],
      demographics: { name: 'Demo^Aino^Maria^Dr^jr', birthDate: '19900101', sex: 'F' },
    },
  ]);
});

test('reads several patients of one message, and several messages of one file, framed or in a batch', () => {
  const one = message(PID, 'MRG|A', PID, 'MRG|B');
  expect(readAdtMessage(adtMessagesOf(one)[0]!).map(({ retired }) => retired[0]!.id)).toEqual(['A', 'B']);
  const framed = Buffer.concat([
    Buffer.from('FHS|^~\\&\nBHS|^~\\&\n\u000b'),
    one,
    Buffer.from('\u001c\r\u000b'),
    one,
    Buffer.from('\u001c\rBTS|2'),
  ]);
  expect(adtMessagesOf(framed)).toEqual([one.toString(), one.toString()]);
});

test('takes names in the character set of the message, and what is escaped as it is meant', () => {
  const named = (charset: string, encoding: 'utf8' | 'latin1') => {
    const header = `MSH|^~\\&|PATADM|HOSP|KUVA|HOSP|20261127||ADT^A47|M|P|2.5||||||${charset}`;
    const bytes = Buffer.from([header, 'PID|1||1^^^X\\T\\Y||Mäkelä^Åsa', 'MRG|2'].join('\r'), encoding);
    const [merge] = readAdtMessage(adtMessagesOf(bytes)[0]!);
    return [merge!.demographics.name, merge!.ids[0]!.authority];
  };
  expect(named('8859/1', 'latin1')).toEqual(['Mäkelä^Åsa', 'X&Y']);
  expect(named('UNICODE UTF-8', 'utf8')).toEqual(['Mäkelä^Åsa', 'X&Y']);
  expect(named('', 'latin1')).toEqual(['Mäkelä^Åsa', 'X&Y']);
});

test.each([
  ['another event', Buffer.from('MSH|^~\\&|A|B|C|D|E||ADT^A08|1\rPID|1||1'), /MSH-9 is ADT\^A08/],
  ['nobody retired', message(PID), /no MRG segment/],
  ['an empty MRG', message(PID, 'MRG|'), /MRG-1/],
  ['no patient', message('MRG|A'), /before any PID/],
  ['a patient without an id', message('PID|1||""', 'MRG|A'), /PID-3/],
  ['a short header', Buffer.from('MSH|^'), /no MSH segment/],
])('says what is wrong with %s', (_what, bytes, fault) => expect(faultOf(bytes)).toMatch(fault));
