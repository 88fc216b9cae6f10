import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandSetError, decodeCommandSet } from './command-decoder.ts';
import { encodeCommandSet } from './command-encoder.ts';
import type { CommandSet } from './command-set.ts';

const us = fc.integer({ min: 0, max: 0xffff });
const uid = fc.array(fc.integer({ min: 0, max: 99_999 }), { minLength: 1, maxLength: 10 }).map((all) => all.join('.'));
const aet = fc.stringMatching(/^[A-Z0-9]{1,16}$/);

const commandSet: fc.Arbitrary<CommandSet> = fc.record(
  {
    CommandField: us,
    MessageID: us,
    MessageIDBeingRespondedTo: us,
    CommandDataSetType: us,
    Status: us,
    Priority: us,
    AffectedSOPClassUID: uid,
    RequestedSOPClassUID: uid,
    AffectedSOPInstanceUID: uid,
    RequestedSOPInstanceUID: uid,
    MoveDestination: aet,
    MoveOriginatorApplicationEntityTitle: aet,
    MoveOriginatorMessageID: us,
    EventTypeID: us,
    ActionTypeID: us,
    NumberOfRemainingSuboperations: us,
    NumberOfCompletedSuboperations: us,
    NumberOfFailedSuboperations: us,
    NumberOfWarningSuboperations: us,
    OffendingElement: fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 5 }),
    ErrorComment: fc.stringMatching(/^[a-z]([a-z ]{0,60}[a-z])?$/),
    ErrorID: us,
  },
  { requiredKeys: [] },
);

test('what is encoded is decoded, with any headroom', () => {
  fc.assert(
    fc.property(commandSet, fc.integer({ min: 0, max: 20 }), (set, headroom) => {
      const bytes = encodeCommandSet(set, headroom).subarray(headroom);
      expect(bytes.readUInt32LE(8)).toBe(bytes.length - 12);
      expect(decodeCommandSet(bytes)).toEqual({ set, invalid: [] });
    }),
  );
});

test('mangled bytes give CommandSetError or a command set, nothing else', () => {
  const valid = encodeCommandSet(
    { CommandField: 1, MessageID: 2, AffectedSOPClassUID: '1.2.3', CommandDataSetType: 1 },
    0,
  );
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(valid.length), (at, value, end) => {
      const mangled = Buffer.from(valid.subarray(0, end));
      if (at < mangled.length) mangled[at] = value;
      try {
        decodeCommandSet(mangled);
      } catch (error) {
        expect(error).toBeInstanceOf(CommandSetError);
      }
    }),
    { numRuns: 500 },
  );
});

const ECHO = encodeCommandSet({ CommandField: 0x30, MessageID: 1, CommandDataSetType: 0x0101 }, 0);

function element(group: number, number: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

function withLength(...parts: Buffer[]): Buffer {
  const bytes = Buffer.concat(parts);
  bytes.writeUInt32LE(bytes.length - 12, 8);
  return bytes;
}

test.each([
  ['no group length', ECHO.subarray(12)],
  ['a group length that is too short', Buffer.concat([ECHO, Buffer.alloc(8)])],
  ['an element of another group', withLength(ECHO, element(8, 0x18, Buffer.from('1.2')))],
  ['elements out of order', withLength(ECHO, element(0, 0x0100, Buffer.alloc(2)))],
  ['an element twice', withLength(ECHO, element(0, 0x0800, Buffer.alloc(2)))],
  ['a US of 4 bytes', withLength(ECHO, element(0, 0x0900, Buffer.alloc(4)))],
  ['half an element header', withLength(ECHO, Buffer.from('00000009', 'hex'))],
])('%s is refused', (_name, bytes) => {
  expect(() => decodeCommandSet(bytes)).toThrow(CommandSetError);
});

test('an unknown element of group 0000 is read past', () => {
  expect(decodeCommandSet(withLength(ECHO, element(0, 0x5010, Buffer.from('xy')))).set.CommandField).toBe(0x30);
});

test('UIDs with padding are taken, others named and never repaired', () => {
  const instance = (value: string): { uid: string | undefined; invalid: readonly number[] } => {
    const { set, invalid } = decodeCommandSet(withLength(ECHO, element(0, 0x1000, Buffer.from(value, 'latin1'))));
    return { uid: set.AffectedSOPInstanceUID, invalid };
  };
  expect(instance('1.2.34\0')).toEqual({ uid: '1.2.34', invalid: [] });
  expect(instance('1.2.34  ')).toEqual({ uid: '1.2.34', invalid: [] });
  expect(instance('1.2.x4')).toEqual({ uid: '', invalid: [0x1000] });
  expect(instance('')).toEqual({ uid: '', invalid: [0x1000] });
});

test('an error comment is cut to 64 characters of the default repertoire', () => {
  const bytes = encodeCommandSet({ ErrorComment: `caf\u00e9\\\n${'x'.repeat(100)}` }, 0);
  expect(decodeCommandSet(bytes).set.ErrorComment).toBe(`caf???${'x'.repeat(58)}`);
});
