import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssociateAccept, AssociateRequest, UserInformation } from './associate-types.ts';
import {
  decodeAssociateAccept,
  decodeAssociateRequest,
  encodeAssociateAccept,
  encodeAssociateRequest,
} from './associate-codec.ts';
import { encodeItem } from './item-writer.ts';
import { PduError } from './pdu-error.ts';

const uid = fc
  .array(fc.integer({ min: 0, max: 99_999 }), { minLength: 2, maxLength: 9 })
  .map((components) => components.join('.'));
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const aet = fc.stringMatching(/^[A-Z0-9_]([A-Z0-9_ ]{0,14}[A-Z0-9_])?$/);
const uint16 = fc.integer({ min: 0, max: 0xffff });

const userInformation: fc.Arbitrary<UserInformation> = fc.record({
  maxPduLength: fc.integer({ min: 0, max: 0xffffffff }),
  implementationClassUID: uid,
  implementationVersionName: fc.stringMatching(/^[A-Z0-9_]{0,16}$/),
  asyncWindow: fc.option(fc.record({ invoked: uint16, performed: uint16 }), { nil: undefined }),
  roles: fc.array(fc.record({ sopClassUID: uid, scu: fc.boolean(), scp: fc.boolean() }), { maxLength: 4 }),
  extended: fc.array(fc.record({ sopClassUID: uid, information: bytes }), { maxLength: 4 }),
  commonExtended: fc.array(
    fc.record({ sopClassUID: uid, serviceClassUID: uid, relatedGeneralSopClassUIDs: fc.array(uid, { maxLength: 3 }) }),
    { maxLength: 3 },
  ),
  userIdentity: fc.option(
    fc.record({
      type: fc.integer({ min: 1, max: 5 }),
      positiveResponseRequested: fc.boolean(),
      primary: bytes,
      secondary: bytes,
    }),
    { nil: undefined },
  ),
  userIdentityResponse: fc.option(bytes, { nil: undefined }),
  unknown: fc.array(fc.record({ type: fc.integer({ min: 0x5a, max: 0xff }), value: bytes }), { maxLength: 2 }),
});

const contextIds = fc
  .uniqueArray(fc.integer({ min: 0, max: 127 }), { minLength: 1, maxLength: 128 })
  .map((ids) => ids.map((id) => 2 * id + 1));

const request: fc.Arbitrary<AssociateRequest> = fc
  .tuple(userInformation, contextIds, fc.array(uid, { minLength: 1, maxLength: 4 }), aet, aet)
  .map(([user, ids, transferSyntaxes, calledAET, callingAET]) => ({
    ...user,
    protocolVersion: 1,
    calledAET,
    callingAET,
    applicationContext: '1.2.840.10008.3.1.1.1',
    contexts: ids.map((id) => ({ id, abstractSyntax: `1.2.${id}`, transferSyntaxes })),
  }));

const accept: fc.Arbitrary<AssociateAccept> = fc
  .tuple(
    userInformation,
    contextIds,
    uid,
    aet,
    aet,
    fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const, 4 as const),
  )
  .map(([user, ids, transferSyntax, calledAET, callingAET, result]) => ({
    ...user,
    protocolVersion: 1,
    calledAET,
    callingAET,
    applicationContext: '1.2.840.10008.3.1.1.1',
    contexts: ids.map((id) => ({ id, result, transferSyntax })),
  }));

describe('what is encoded is decoded', () => {
  test('A-ASSOCIATE-RQ', () => {
    fc.assert(
      fc.property(request, (rq) => {
        const pdu = encodeAssociateRequest(rq);
        expect(pdu[0]).toBe(1);
        expect(pdu.readUInt32BE(2)).toBe(pdu.length - 6);
        expect(decodeAssociateRequest(pdu.subarray(6))).toEqual(rq);
      }),
      { numRuns: 60 },
    );
  });

  test('A-ASSOCIATE-AC', () => {
    fc.assert(
      fc.property(accept, (ac) => {
        const pdu = encodeAssociateAccept(ac);
        expect(pdu[0]).toBe(2);
        expect(decodeAssociateAccept(pdu.subarray(6))).toEqual(ac);
      }),
      { numRuns: 60 },
    );
  });
});

test('no bytes at all make it throw anything but PduError', () => {
  const valid = encodeAssociateRequest(fc.sample(request, { numRuns: 1, seed: 7 })[0]!).subarray(6);
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(valid.length), (at, value, end) => {
      const mangled = Buffer.from(valid.subarray(0, end));
      if (at < mangled.length) mangled[at] = value;
      try {
        decodeAssociateRequest(mangled);
      } catch (error) {
        expect(error).toBeInstanceOf(PduError);
      }
    }),
    { numRuns: 500 },
  );
});

const BASE: AssociateRequest = {
  protocolVersion: 1,
  calledAET: 'KUVA',
  callingAET: 'CT1',
  applicationContext: '1.2.840.10008.3.1.1.1',
  contexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  maxPduLength: 16384,
  implementationClassUID: '1.2.3',
  implementationVersionName: 'X',
  asyncWindow: undefined,
  roles: [],
  extended: [],
  commonExtended: [],
  userIdentity: undefined,
  userIdentityResponse: undefined,
  unknown: [],
};

function withContexts(...ids: number[]): Buffer {
  return encodeAssociateRequest({ ...BASE, contexts: ids.map((id) => ({ ...BASE.contexts[0]!, id })) }).subarray(6);
}

test('context ids need not ascend (T10a)', () => {
  expect(decodeAssociateRequest(withContexts(3, 1)).contexts.map(({ id }) => id)).toEqual([3, 1]);
});

test.each([
  ['a context id twice (T10d)', withContexts(255, 255), 6],
  ['an even context id', withContexts(1, 2), 6],
  ['no context', encodeAssociateRequest({ ...BASE, contexts: [] }).subarray(6), 6],
  ['a body cut short', withContexts(1).subarray(0, 60), 6],
  ['an item longer than the body', Buffer.concat([withContexts(1), Buffer.from('1000ffff', 'hex')]), 6],
  ['two application contexts', Buffer.concat([withContexts(1), encodeItem(0x10, Buffer.from('1.2.3'))]), 5],
  ['two user informations', Buffer.concat([withContexts(1), encodeItem(0x50)]), 5],
  ['a context item of A-ASSOCIATE-AC', Buffer.concat([withContexts(1), encodeItem(0x21, Buffer.of(3, 0, 0, 0))]), 5],
  [
    'an unknown item inside a context',
    Buffer.concat([withContexts(1), encodeItem(0x20, Buffer.of(3, 0, 0, 0), encodeItem(0x77))]),
    4,
  ],
])('%s is refused', (_name, body, reason) => {
  expect(() => decodeAssociateRequest(body)).toThrow(expect.objectContaining({ reason }));
});

test('unknown items are read past, unknown user items kept', () => {
  const body = Buffer.concat([withContexts(1), encodeItem(0x99, Buffer.from('abc'))]);
  expect(decodeAssociateRequest(body).contexts).toHaveLength(1);
});

test('a proposal that is no UID costs that context, not the association', () => {
  const body = Buffer.concat([
    withContexts(1),
    encodeItem(
      0x20,
      Buffer.of(3, 0, 0, 0),
      encodeItem(0x30, Buffer.from('1.2..3')),
      encodeItem(0x40, Buffer.from('../../etc')),
    ),
  ]);
  expect(decodeAssociateRequest(body).contexts[1]).toEqual({ id: 3, abstractSyntax: '', transferSyntaxes: [] });
});
