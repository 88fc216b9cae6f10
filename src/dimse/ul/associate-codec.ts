import type {
  AssociateAccept,
  AssociateRequest,
  ContextResult,
  ContextResultCode,
  ProposedContext,
  UserInformation,
} from './associate-types.ts';
import { readAeTitle, writeAeTitle } from './ae-title.ts';
import { ItemReader, lenientUid, requiredUid } from './item-reader.ts';
import { encodeItem } from './item-writer.ts';
import { PduError, invalidParameter } from './pdu-error.ts';
import { ABORT_REASON, DICOM_APPLICATION_CONTEXT, PDU, PDU_HEADER } from './pdu-types.ts';
import { decodeUserInformation, encodeUserInformation } from './user-information.ts';

const ITEM = {
  ApplicationContext: 0x10,
  PresentationContextRQ: 0x20,
  PresentationContextAC: 0x21,
  AbstractSyntax: 0x30,
  TransferSyntax: 0x40,
  UserInformation: 0x50,
} as const;

/** Protocol version, reserved, two AE titles and 32 reserved bytes, PS3.8 table 9-11. */
const FIXED_LENGTH = 68;

interface Fixed<Context> {
  readonly protocolVersion: number;
  readonly calledAET: string;
  readonly callingAET: string;
  readonly applicationContext: string;
  readonly contexts: Context[];
}

/** Decodes the body (without the 6-byte header) of an A-ASSOCIATE-RQ. Throws `PduError`. */
export function decodeAssociateRequest(body: Buffer): AssociateRequest {
  return decodeAssociate<ProposedContext>(body, ITEM.PresentationContextRQ, decodeProposed);
}

/** Decodes the body of an A-ASSOCIATE-AC. Throws `PduError`. */
export function decodeAssociateAccept(body: Buffer): AssociateAccept {
  return decodeAssociate<ContextResult>(body, ITEM.PresentationContextAC, decodeResult);
}

function decodeAssociate<Context extends { readonly id: number }>(
  body: Buffer,
  contextItem: number,
  decodeContext: (value: Buffer) => Context,
): Fixed<Context> & UserInformation {
  if (body.length < FIXED_LENGTH) throw invalidParameter('A-ASSOCIATE PDU is cut short', { length: body.length });
  let applicationContext = '';
  let user: UserInformation | undefined;
  const contexts: Context[] = [];
  const ids = new Set<number>();

  const items = new ItemReader(body, FIXED_LENGTH);
  while (items.next()) {
    switch (items.type) {
      case ITEM.ApplicationContext:
        if (applicationContext !== '') throw unexpected('second application context');
        applicationContext = requiredUid(items.value, 'application context');
        break;
      case contextItem: {
        const context = decodeContext(items.value);
        // PS3.8 9.3.2.2: odd, 1 to 255, and unique. This bounds the number of contexts to 128.
        if (context.id % 2 === 0) throw invalidParameter('presentation context id is even', { id: context.id });
        if (ids.has(context.id)) throw invalidParameter('presentation context id occurs twice', { id: context.id });
        ids.add(context.id);
        contexts.push(context);
        break;
      }
      case ITEM.UserInformation:
        if (user !== undefined) throw unexpected('second user information');
        user = decodeUserInformation(items.value);
        break;
      case ITEM.PresentationContextRQ:
      case ITEM.PresentationContextAC:
        throw unexpected('presentation context item of the other direction');
      default:
      // PS3.8 9.3.1: items of unrecognized types are ignored.
    }
  }
  if (applicationContext === '') throw invalidParameter('no application context');
  if (user === undefined) throw invalidParameter('no user information');
  if (contexts.length === 0) throw invalidParameter('no presentation context');
  return {
    protocolVersion: body.readUInt16BE(0),
    calledAET: readAeTitle(body.subarray(4, 20)),
    callingAET: readAeTitle(body.subarray(20, 36)),
    applicationContext,
    contexts,
    ...user,
  };
}

function unexpected(what: string): PduError {
  return new PduError(ABORT_REASON.UnexpectedParameter, `unexpected parameter: ${what}`);
}

function decodeProposed(value: Buffer): ProposedContext {
  if (value.length < 4) throw invalidParameter('presentation context is cut short', { length: value.length });
  let abstractSyntax = '';
  const transferSyntaxes: string[] = [];
  const items = new ItemReader(value, 4);
  while (items.next()) {
    if (items.type === ITEM.AbstractSyntax) abstractSyntax = lenientUid(items.value);
    else if (items.type === ITEM.TransferSyntax) {
      const uid = lenientUid(items.value);
      if (uid !== '') transferSyntaxes.push(uid);
    } else throw unrecognized(items.type);
  }
  return { id: value.readUInt8(0), abstractSyntax, transferSyntaxes };
}

function decodeResult(value: Buffer): ContextResult {
  if (value.length < 4) throw invalidParameter('presentation context is cut short', { length: value.length });
  const result = value.readUInt8(2);
  if (result > 4) throw invalidParameter('presentation context result is out of range', { result });
  let transferSyntax = '';
  const items = new ItemReader(value, 4);
  while (items.next()) {
    // Not significant unless accepted: some peers leave it empty then.
    if (items.type === ITEM.TransferSyntax) transferSyntax = lenientUid(items.value);
  }
  if (result === 0 && transferSyntax === '') throw invalidParameter('accepted context without a transfer syntax');
  return { id: value.readUInt8(0), result: result as ContextResultCode, transferSyntax };
}

function unrecognized(type: number): PduError {
  return new PduError(ABORT_REASON.UnrecognizedParameter, 'unrecognized item in a presentation context', { type });
}

/** The whole A-ASSOCIATE-RQ PDU, PS3.8 9.3.2. */
export function encodeAssociateRequest(request: AssociateRequest): Buffer {
  const contexts = request.contexts.map((context) =>
    encodeItem(
      ITEM.PresentationContextRQ,
      Buffer.of(context.id, 0, 0, 0),
      encodeItem(ITEM.AbstractSyntax, Buffer.from(context.abstractSyntax, 'latin1')),
      ...context.transferSyntaxes.map((uid) => encodeItem(ITEM.TransferSyntax, Buffer.from(uid, 'latin1'))),
    ),
  );
  return encodeAssociate(PDU.AssociateRQ, request, contexts);
}

/** The whole A-ASSOCIATE-AC PDU, PS3.8 9.3.3; the AE titles are returned as they came. */
export function encodeAssociateAccept(accept: AssociateAccept): Buffer {
  const contexts = accept.contexts.map((context) =>
    encodeItem(
      ITEM.PresentationContextAC,
      Buffer.of(context.id, 0, context.result, 0),
      encodeItem(ITEM.TransferSyntax, Buffer.from(context.transferSyntax, 'latin1')),
    ),
  );
  return encodeAssociate(PDU.AssociateAC, accept, contexts);
}

function encodeAssociate(
  type: number,
  pdu: (Fixed<unknown> & UserInformation) | AssociateRequest | AssociateAccept,
  contexts: Buffer[],
): Buffer {
  const head = Buffer.alloc(PDU_HEADER + FIXED_LENGTH);
  const items = Buffer.concat([
    encodeItem(ITEM.ApplicationContext, Buffer.from(pdu.applicationContext || DICOM_APPLICATION_CONTEXT, 'latin1')),
    ...contexts,
    encodeUserInformation(pdu),
  ]);
  head[0] = type;
  head.writeUInt32BE(FIXED_LENGTH + items.length, 2);
  head.writeUInt16BE(pdu.protocolVersion, 6);
  writeAeTitle(head, 10, pdu.calledAET);
  writeAeTitle(head, 26, pdu.callingAET);
  return Buffer.concat([head, items]);
}
