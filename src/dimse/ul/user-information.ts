import type {
  AsyncOperationsWindow,
  CommonExtendedNegotiation,
  ExtendedNegotiation,
  RoleSelection,
  UserIdentity,
  UserInformation,
} from './associate-types.ts';
import { encodeItem, encodeField } from './item-writer.ts';
import { FieldReader, ItemReader, lenientUid } from './item-reader.ts';
import { invalidParameter } from './pdu-error.ts';

/** PS3.8 D.1 and PS3.7 D.3.3: user information sub-items. */
const ITEM = {
  MaximumLength: 0x51,
  ImplementationClassUID: 0x52,
  AsyncOperationsWindow: 0x53,
  RoleSelection: 0x54,
  ImplementationVersionName: 0x55,
  ExtendedNegotiation: 0x56,
  CommonExtendedNegotiation: 0x57,
  UserIdentity: 0x58,
  UserIdentityResponse: 0x59,
} as const;

const USER_INFORMATION = 0x50;

/** Decodes the value of a user information item (0x50). All sub-items are kept, unknown ones raw. */
export function decodeUserInformation(bytes: Buffer): UserInformation {
  let maxPduLength = 0;
  let implementationClassUID = '';
  let implementationVersionName = '';
  let asyncWindow: AsyncOperationsWindow | undefined;
  let userIdentity: UserIdentity | undefined;
  let userIdentityResponse: Buffer | undefined;
  const roles: RoleSelection[] = [];
  const extended: ExtendedNegotiation[] = [];
  const commonExtended: CommonExtendedNegotiation[] = [];
  const unknown: { type: number; value: Buffer }[] = [];

  const items = new ItemReader(bytes);
  while (items.next()) {
    const value = items.value;
    switch (items.type) {
      case ITEM.MaximumLength:
        if (value.length !== 4) throw invalidParameter('maximum length item is not 4 bytes', { length: value.length });
        maxPduLength = value.readUInt32BE(0);
        break;
      case ITEM.ImplementationClassUID:
        implementationClassUID = lenientUid(value);
        break;
      case ITEM.ImplementationVersionName:
        implementationVersionName = value.toString('latin1', 0, 64).replace(/[\0 ]+$/, '');
        break;
      case ITEM.AsyncOperationsWindow:
        if (value.length !== 4)
          throw invalidParameter('asynchronous operations item is not 4 bytes', { length: value.length });
        asyncWindow = { invoked: value.readUInt16BE(0), performed: value.readUInt16BE(2) };
        break;
      case ITEM.RoleSelection:
        roles.push(decodeRole(value));
        break;
      case ITEM.ExtendedNegotiation: {
        const reader = new FieldReader(value, 'extended negotiation');
        extended.push({ sopClassUID: lenientUid(reader.field()), information: Buffer.from(reader.rest()) });
        break;
      }
      case ITEM.CommonExtendedNegotiation:
        commonExtended.push(decodeCommonExtended(value));
        break;
      case ITEM.UserIdentity: {
        const reader = new FieldReader(value, 'user identity');
        const type = reader.uint8();
        const positiveResponseRequested = reader.uint8() === 1;
        userIdentity = {
          type,
          positiveResponseRequested,
          primary: Buffer.from(reader.field()),
          secondary: Buffer.from(reader.remaining === 0 ? Buffer.alloc(0) : reader.field()),
        };
        break;
      }
      case ITEM.UserIdentityResponse:
        userIdentityResponse = Buffer.from(new FieldReader(value, 'user identity response').field());
        break;
      default:
        // PS3.8 9.3.1: items of unrecognized types are ignored.
        unknown.push({ type: items.type, value: Buffer.from(value) });
    }
  }
  return {
    maxPduLength,
    implementationClassUID,
    implementationVersionName,
    asyncWindow,
    roles,
    extended,
    commonExtended,
    userIdentity,
    userIdentityResponse,
    unknown,
  };
}

function decodeRole(value: Buffer): RoleSelection {
  const reader = new FieldReader(value, 'role selection');
  const sopClassUID = lenientUid(reader.field());
  const scu = reader.uint8() === 1;
  const scp = reader.uint8() === 1;
  return { sopClassUID, scu, scp };
}

function decodeCommonExtended(value: Buffer): CommonExtendedNegotiation {
  const reader = new FieldReader(value, 'common extended negotiation');
  const sopClassUID = lenientUid(reader.field());
  const serviceClassUID = lenientUid(reader.field());
  const related = new FieldReader(
    reader.remaining === 0 ? Buffer.alloc(0) : reader.field(),
    'related general SOP classes',
  );
  const relatedGeneralSopClassUIDs: string[] = [];
  while (related.remaining > 0) relatedGeneralSopClassUIDs.push(lenientUid(related.field()));
  return { sopClassUID, serviceClassUID, relatedGeneralSopClassUIDs };
}

/** Encodes a user information item (0x50), sub-items in ascending order of type. */
export function encodeUserInformation(user: UserInformation): Buffer {
  const maximum = Buffer.alloc(4);
  maximum.writeUInt32BE(user.maxPduLength);
  const parts: Buffer[] = [
    encodeItem(ITEM.MaximumLength, maximum),
    encodeItem(ITEM.ImplementationClassUID, Buffer.from(user.implementationClassUID, 'latin1')),
  ];
  if (user.asyncWindow !== undefined) {
    const window = Buffer.alloc(4);
    window.writeUInt16BE(user.asyncWindow.invoked, 0);
    window.writeUInt16BE(user.asyncWindow.performed, 2);
    parts.push(encodeItem(ITEM.AsyncOperationsWindow, window));
  }
  for (const role of user.roles) {
    parts.push(
      encodeItem(ITEM.RoleSelection, uidField(role.sopClassUID), Buffer.of(role.scu ? 1 : 0, role.scp ? 1 : 0)),
    );
  }
  if (user.implementationVersionName !== '') {
    parts.push(encodeItem(ITEM.ImplementationVersionName, Buffer.from(user.implementationVersionName, 'latin1')));
  }
  for (const item of user.extended) {
    parts.push(encodeItem(ITEM.ExtendedNegotiation, uidField(item.sopClassUID), item.information));
  }
  for (const item of user.commonExtended) {
    const related = Buffer.concat(item.relatedGeneralSopClassUIDs.map(uidField));
    parts.push(
      encodeItem(
        ITEM.CommonExtendedNegotiation,
        uidField(item.sopClassUID),
        uidField(item.serviceClassUID),
        encodeField(related),
      ),
    );
  }
  if (user.userIdentity !== undefined) {
    const { type, positiveResponseRequested, primary, secondary } = user.userIdentity;
    parts.push(
      encodeItem(
        ITEM.UserIdentity,
        Buffer.of(type, positiveResponseRequested ? 1 : 0),
        encodeField(primary),
        encodeField(secondary),
      ),
    );
  }
  if (user.userIdentityResponse !== undefined) {
    parts.push(encodeItem(ITEM.UserIdentityResponse, encodeField(user.userIdentityResponse)));
  }
  for (const item of user.unknown) parts.push(encodeItem(item.type, item.value));
  return encodeItem(USER_INFORMATION, ...parts);
}

function uidField(uid: string): Buffer {
  return encodeField(Buffer.from(uid, 'latin1'));
}
