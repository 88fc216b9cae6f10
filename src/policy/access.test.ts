import { describe, expect, test } from 'vitest';
import { STORAGE_SOP_CLASSES } from '../dicom/sop-class-table.ts';
import { UID } from '../dicom/uids.ts';
import type { AssociationRequest, PeerAddress } from '../dimse/association-policy.ts';
import { Access } from './access.ts';
import type { AccessOptions } from './access.ts';
import type { AeRow } from '../index/index-types.ts';
import { isAddressBlock, mayCallFrom } from './ae-register.ts';
import { principalOf } from './principal.ts';
import { hashPasscode } from './user-identity.ts';

const CT: AeRow = {
  aet: 'CT1', host: '10.0.0.7', port: 104, tls: false, organisation: 'District', addresses: ['192.168.4.0/24'], calledAETs: [],
  services: ['echo', 'store'], maxSubAssociations: 1, description: '',
};

const ILE = UID.ImplicitVRLittleEndian;
const ELE = UID.ExplicitVRLittleEndian;
const EBE = UID.ExplicitVRBigEndian;
const DEFLATED = UID.DeflatedExplicitVRLittleEndian;

function access(over: Partial<AccessOptions> = {}, entries: readonly AeRow[] = [CT]) {
  const warnings: string[] = [];
  const policy = new Access({
    titles: ['KUVA', 'ALIAS'], organisation: 'Default', checkCalledAet: true, anyCallingAet: false,
    userIdentity: { policy: 'ignore', allowPasscodeWithoutTls: false, users: [] },
    storage: { extraSopClasses: [], acceptUnknownSopClasses: false },
    register: { aeByTitle: async (aet) => entries.find((entry) => entry.aet === aet) },
    resolve: async () => { throw new Error('ENOTFOUND'); },
    warn: (message) => warnings.push(message),
    ...over,
  });
  return { policy, warnings };
}

function request(over: Partial<AssociationRequest> = {}): AssociationRequest {
  return {
    protocolVersion: 1, calledAET: 'KUVA', callingAET: 'CT1', applicationContext: UID.ApplicationContext, contexts: [],
    maxPduLength: 16384, implementationClassUID: '1.2', implementationVersionName: '', asyncWindow: undefined, roles: [], extended: [],
    commonExtended: [], userIdentity: undefined, userIdentityResponse: undefined, unknown: [], ...over,
  };
}

function from(address: string, tls = false): PeerAddress {
  return { address, port: 40_000, tls: tls ? { subject: '', issuer: '', fingerprint256: '', authorized: true, protocol: 'TLSv1.3', cipher: '' } : undefined };
}

const HOME = from('10.0.0.7');

describe('who may associate', () => {
  test('a registered AE from its host, with its organisation and services', async () => {
    const decision = await access().policy.decide(request(), HOME);
    expect(decision.accept).toBe(true);
    const principal = principalOf(decision as { principal: unknown });
    expect(principal).toMatchObject({ aet: 'CT1', organisation: 'District', user: null, entry: CT });
    expect([...principal.services]).toEqual(['echo', 'store']);
  });

  test.each([
    ['an unknown calling AE', { callingAET: 'NEW' }, '10.0.0.9', { result: 1, source: 1, reason: 3, log: 'unknown calling AE "NEW" from 10.0.0.9: kuva ae add NEW --host 10.0.0.9 --port 104' }],
    ['another address', {}, '10.0.0.8', { result: 1, source: 1, reason: 3, log: 'calling AE "CT1" may not call from 10.0.0.8: when that is its address, kuva ae add CT1 --address 10.0.0.8' }],
    ['another called AE', { calledAET: 'PACS' }, '10.0.0.7', { result: 1, source: 1, reason: 7 }],
    ['a hostile title', { callingAET: "X'; rm -rf /;\u001b[2J" }, '10.0.0.9', { log: "unknown calling AE \"X'; rm -rf /;\\x1b[2J\" from 10.0.0.9: kuva ae add 'X'\\''; rm -rf /;\\x1b[2J' --host 10.0.0.9 --port 104" }],
  ])('%s is rejected, with the remedy', async (_, over, address, expected) => {
    expect(await access().policy.decide(request(over), from(address))).toMatchObject({ accept: false, ...expected });
  });

  test('an alias is a called AE too, and the check can be switched off', async () => {
    expect((await access().policy.decide(request({ calledAET: 'ALIAS' }), HOME)).accept).toBe(true);
    expect((await access({ checkCalledAet: false }).policy.decide(request({ calledAET: 'ANY-SCP' }), HOME)).accept).toBe(true);
  });

  test('an AE with called AE titles of its own may use only those', async () => {
    const { policy } = access({}, [{ ...CT, calledAETs: ['ALIAS'] }]);
    expect(await policy.decide(request(), HOME)).toMatchObject({ accept: false, reason: 7 });
    expect((await policy.decide(request({ calledAET: 'ALIAS' }), HOME)).accept).toBe(true);
  });

  test('the development default lets anyone in from loopback only, for every service', async () => {
    const { policy } = access({ anyCallingAet: true }, []);
    expect(await policy.decide(request(), from('::ffff:127.0.0.1'))).toMatchObject({ accept: true, principal: { organisation: 'Default', entry: null } });
    expect((await policy.decide(request(), HOME)).accept).toBe(false);
  });

  test('an index that cannot be read rejects for now, not for good', async () => {
    const { policy } = access({ register: { aeByTitle: async () => { throw new Error('disk I/O error'); } } });
    expect(await policy.decide(request(), HOME)).toMatchObject({ accept: false, result: 2, source: 3, reason: 1 });
  });

  test.each([
    ['10.0.0.7', true], ['::ffff:10.0.0.7', true], ['192.168.4.250', true], ['192.168.5.1', false], ['10.0.0.70', false], ['nonsense', false],
  ])('CT1 from %s: %s', async (address, expected) => {
    expect(await mayCallFrom(CT, address, async () => [])).toBe(expected);
  });

  test('a host name is resolved, IPv6 blocks work', async () => {
    const entry = { host: 'ct1.example', addresses: ['2001:db8::/32'] };
    expect(await mayCallFrom(entry, '10.1.1.1', async () => ['10.1.1.1'])).toBe(true);
    expect(await mayCallFrom(entry, '2001:db8::5', async () => [])).toBe(true);
    expect(await mayCallFrom(entry, '2001:db9::5', async () => [])).toBe(false);
  });

  test.each([['10.0.0.0/8', true], ['10.0.0.1', true], ['::1/128', true], ['10.0.0.0/33', false], ['10.0.0', false], ['a/8', false], ['1.2.3.4/8/8', false], ['1.2.3.4/', false]])(
    'isAddressBlock(%s) is %s',
    (text, expected) => expect(isAddressBlock(text)).toBe(expected),
  );
});

describe('what it may do', () => {
  const ALL: AeRow = { ...CT, services: ['echo', 'store', 'find', 'move', 'get', 'commit'] };

  async function contexts(entry: AeRow, proposed: readonly (readonly [string, ...string[]])[], over: Partial<AssociationRequest> = {}, options: Partial<AccessOptions> = {}) {
    const decision = await access(options, [entry]).policy.decide(
      request({ contexts: proposed.map(([abstractSyntax, ...transferSyntaxes], i) => ({ id: 2 * i + 1, abstractSyntax, transferSyntaxes })), ...over }), HOME,
    );
    if (!decision.accept) throw new Error(decision.log);
    return { results: decision.contexts.map((pc) => (pc.result === 0 ? pc.transferSyntax : pc.result)), roles: decision.roles, extended: decision.extended };
  }

  test.each([
    ['storage: the first known one of the requestor', UID.CTImageStorage, [ILE, ELE], ILE],
    ['storage: compressed as offered', UID.CTImageStorage, [UID.JPEG2000Lossless, ELE], UID.JPEG2000Lossless],
    ['storage: unknown syntaxes are passed over', UID.CTImageStorage, ['1.2.3.4', ELE], ELE],
    ['storage: big endian not before little endian', UID.CTImageStorage, [EBE, ILE], ILE],
    ['storage: big endian when there is nothing else', UID.CTImageStorage, [EBE], EBE],
    ['storage: nothing known', UID.CTImageStorage, ['1.2.3.4'], 4],
    ['ECG: deflated is refused', UID.TwelveLeadECGWaveformStorage, [DEFLATED], 4],
    ['ECG: little endian', UID.TwelveLeadECGWaveformStorage, [DEFLATED, EBE, ILE], ILE],
    ['document: compressed is refused', UID.EncapsulatedPDFStorage, [UID.RLELossless], 4],
    ['query: explicit little endian is preferred', UID.StudyRootFind, [ILE, EBE, ELE], ELE],
    ['query: a compressed syntax is none', UID.StudyRootFind, [UID.JPEG2000Lossless], 4],
    ['echo', UID.Verification, [ILE], ILE],
    ['commitment', UID.StorageCommitmentPushModel, [ILE, ELE], ELE],
    ['a service that this node lacks', UID.ModalityWorklistFind, [ILE], 3],
    ['a private class', '1.2.826.0.1.9', [ILE], 3],
    ['an empty abstract syntax', '', [ILE], 3],
  ] as const)('%s', async (_, abstractSyntax, syntaxes, expected) => {
    expect((await contexts(ALL, [[abstractSyntax, ...syntaxes]])).results).toEqual([expected]);
  });

  test('every storage SOP class is accepted', async () => {
    const proposed = [...STORAGE_SOP_CLASSES.keys()].map((uid) => [uid, ELE] as const);
    expect(proposed.length).toBeGreaterThan(100);
    expect(new Set((await contexts(ALL, proposed)).results)).toEqual(new Set([ELE]));
  });

  test('services that the AE may not use are refused by the user, result 1', async () => {
    const { results } = await contexts(CT, [[UID.Verification, ILE], [UID.CTImageStorage, ILE], [UID.StudyRootFind, ILE], [UID.StudyRootMove, ILE], [UID.StorageCommitmentPushModel, ILE]]);
    expect(results).toEqual([ILE, ILE, 1, 1, 1]);
  });

  test('private and unknown classes by configuration, never a service we lack', async () => {
    const storage = { extraSopClasses: ['1.2.826.0.1.9'], acceptUnknownSopClasses: false };
    expect((await contexts(ALL, [['1.2.826.0.1.9', ELE], ['1.2.826.0.1.10', ELE]], {}, { storage })).results).toEqual([ELE, 3]);
    const unknown = { extraSopClasses: [], acceptUnknownSopClasses: true };
    const proposed = [['1.2.826.0.1.10', ELE], ['1.2.840.10008.5.1.4.1.1.999', ELE], [UID.ModalityWorklistFind, ELE]] as const;
    expect((await contexts(ALL, proposed, {}, { storage: unknown })).results).toEqual([ELE, ELE, 3]);
  });

  test('common extended negotiation: a private class related to a storage class', async () => {
    const commonExtended = [{ sopClassUID: '1.2.826.0.1.9', serviceClassUID: '1.2.840.10008.4.2', relatedGeneralSopClassUIDs: [UID.CTImageStorage] }];
    expect((await contexts(ALL, [['1.2.826.0.1.9', ELE]], { commonExtended })).results).toEqual([ELE]);
    expect((await contexts(ALL, [['1.2.826.0.1.9', ELE]], { commonExtended: [{ ...commonExtended[0]!, relatedGeneralSopClassUIDs: ['1.2.3'] }] })).results).toEqual([3]);
  });

  test('roles: the requestor receives by C-GET only when it may', async () => {
    const roles = [{ sopClassUID: UID.CTImageStorage, scu: false, scp: true }];
    expect(await contexts(ALL, [[UID.CTImageStorage, ELE]], { roles })).toMatchObject({ results: [ELE], roles });
    expect(await contexts(CT, [[UID.CTImageStorage, ELE]], { roles })).toMatchObject({ results: [1], roles: [{ scu: false, scp: false }] });
    const getter: AeRow = { ...CT, services: ['get'] };
    expect((await contexts(getter, [[UID.CTImageStorage, ELE], [UID.MRImageStorage, ELE]], { roles: [{ ...roles[0]!, scu: true }] }))).toMatchObject({ results: [ELE, 1], roles: [{ scu: false, scp: true }] });
  });

  test('roles: nobody becomes SCP of a query class', async () => {
    const roles = [{ sopClassUID: UID.StudyRootFind, scu: true, scp: true }];
    expect((await contexts(ALL, [[UID.StudyRootFind, ELE]], { roles })).roles).toEqual([{ sopClassUID: UID.StudyRootFind, scu: true, scp: false }]);
  });

  test.each([
    [UID.StudyRootFind, [1, 0, 1, 1, 1], [1, 0, 1, 1, 0]],
    [UID.StudyRootFind, [1], [1]],
    [UID.StudyRootFind, [7, 1, 1], [0, 1, 1]],
    [UID.StudyRootMove, [1, 1], [1, 0]],
    [UID.CTImageStorage, [3, 0, 0, 0, 0, 0], [2, 0, 3, 0, 0, 0]],
  ])('extended negotiation of %s: %j is answered %j', async (sopClassUID, asked, answered) => {
    const { extended } = await contexts(ALL, [[sopClassUID, ELE]], { extended: [{ sopClassUID, information: Buffer.from(asked) }] });
    expect(extended).toEqual([{ sopClassUID, information: Buffer.from(answered) }]);
  });
});

describe('user identity', () => {
  const identity = (type: number, primary: string, secondary = '') => ({ type, positiveResponseRequested: true, primary: Buffer.from(primary), secondary: Buffer.from(secondary) });
  const SECRET = 'correct horse';

  async function decide(policy: 'ignore' | 'verify' | 'require', userIdentity: ReturnType<typeof identity> | undefined, tls: boolean, allow = false) {
    const users = [{ name: 'ct', passcodeHash: await hashPasscode(SECRET) }, { name: 'named', passcodeHash: null }];
    const { policy: made, warnings } = access({ userIdentity: { policy, allowPasscodeWithoutTls: allow, users } });
    return { decision: await made.decide(request({ userIdentity }), from('10.0.0.7', tls)), warnings };
  }

  test.each([
    ['verify', identity(2, 'ct', SECRET), true, false, true],
    ['verify', identity(2, 'ct', SECRET), false, false, false],
    ['verify', identity(2, 'ct', SECRET), false, true, true],
    ['verify', identity(2, 'ct', 'wrong'), true, false, false],
    ['verify', identity(2, 'nobody', SECRET), true, false, false],
    ['verify', identity(2, 'named', ''), true, false, false],
    ['verify', identity(1, 'named'), true, false, true],
    ['verify', identity(1, 'ct'), true, false, false],
    ['verify', identity(3, 'ticket'), true, false, false],
    ['verify', identity(5, 'a.b.c'), true, false, false],
    ['verify', undefined, true, false, true],
    ['require', undefined, true, false, false],
    ['ignore', identity(4, '<saml/>'), false, false, true],
    ['ignore', identity(9, 'x'), false, false, true],
  ] as const)('%s %j over TLS %s (passcode in clear allowed: %s) is accepted: %s', async (policy, userIdentity, tls, allow, accepted) => {
    const { decision } = await decide(policy, userIdentity, tls, allow);
    expect(decision.accept).toBe(accepted);
    expect(JSON.stringify(decision)).not.toMatch(/correct horse|wrong"|a\.b\.c|ticket"/);
  });

  test('a verified user gets the empty response and is named in the principal', async () => {
    const { decision } = await decide('verify', identity(2, 'ct', SECRET), true);
    expect(decision).toMatchObject({ accept: true, userIdentityResponse: Buffer.alloc(0), principal: { user: 'ct' } });
  });

  test('an ignored identity is not answered; a passcode in clear is warned of without repeating it', async () => {
    const { decision, warnings } = await decide('ignore', identity(2, 'ct', SECRET), false);
    expect(decision).not.toHaveProperty('userIdentityResponse');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain(SECRET);
  });
});
