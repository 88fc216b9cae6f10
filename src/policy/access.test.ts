import { describe, expect, test } from 'vitest';
import { CT, HOME, access, from, request } from './access-fixture.ts';
import { isAddressBlock, mayCallFrom } from './ae-register.ts';
import { principalOf } from './principal.ts';

describe('who may associate', () => {
  test('a registered AE from its host, with its organisation and services', async () => {
    const decision = await access().policy.decide(request(), HOME);
    expect(decision.accept).toBe(true);
    const principal = principalOf(decision as { principal: unknown });
    expect(principal).toMatchObject({ aet: 'CT1', organisation: 'District', user: null, entry: CT });
    expect([...principal.services]).toEqual(['echo', 'store']);
  });

  test.each([
    [
      'an unknown calling AE',
      { callingAET: 'NEW' },
      '10.0.0.9',
      {
        result: 1,
        source: 1,
        reason: 3,
        log: 'unknown calling AE "NEW" from 10.0.0.9: kuva ae add NEW --host 10.0.0.9 --port 104',
      },
    ],
    [
      'another address',
      {},
      '10.0.0.8',
      {
        result: 1,
        source: 1,
        reason: 3,
        log: 'calling AE "CT1" may not call from 10.0.0.8: when that is its address, kuva ae add CT1 --address 10.0.0.8',
      },
    ],
    ['another called AE', { calledAET: 'PACS' }, '10.0.0.7', { result: 1, source: 1, reason: 7 }],
    [
      'a hostile title',
      { callingAET: "X'; rm -rf /;\u001b[2J" },
      '10.0.0.9',
      {
        log: "unknown calling AE \"X'; rm -rf /;\\x1b[2J\" from 10.0.0.9: kuva ae add 'X'\\''; rm -rf /;\\x1b[2J' --host 10.0.0.9 --port 104",
      },
    ],
  ])('%s is rejected, with the remedy', async (_, over, address, expected) => {
    expect(await access().policy.decide(request(over), from(address))).toMatchObject({ accept: false, ...expected });
  });

  test('an alias is a called AE too, and the check can be switched off', async () => {
    expect((await access().policy.decide(request({ calledAET: 'ALIAS' }), HOME)).accept).toBe(true);
    expect(
      (await access({ checkCalledAet: false }).policy.decide(request({ calledAET: 'ANY-SCP' }), HOME)).accept,
    ).toBe(true);
  });

  test('an AE with called AE titles of its own may use only those', async () => {
    const { policy } = access({}, [{ ...CT, calledAETs: ['ALIAS'] }]);
    expect(await policy.decide(request(), HOME)).toMatchObject({ accept: false, reason: 7 });
    expect((await policy.decide(request({ calledAET: 'ALIAS' }), HOME)).accept).toBe(true);
  });

  test('the development default lets anyone in from loopback only, for every service', async () => {
    const { policy } = access({ anyCallingAet: true }, []);
    expect(await policy.decide(request(), from('::ffff:127.0.0.1'))).toMatchObject({
      accept: true,
      principal: { organisation: 'Default', entry: null },
    });
    expect((await policy.decide(request(), HOME)).accept).toBe(false);
  });

  test.each([
    [
      'another certificate',
      {},
      /shows the certificate "O=X, CN=CT2", which is not registered for it: when it is its own, kuva ae add CT1 --certificate AB:CD$/,
    ],
    ['none', { subject: '', fingerprint256: '' }, /shows no certificate but is registered with one/],
    ['one that nobody vouches for', { authorized: false }, /is not signed by an authority in dicom\.tls\.ca/],
    ['no TLS', undefined, /calls without TLS .* kuva ae add CT1 --remove-certificate 'O=X, CN=CT1'$/],
  ])('an AE that is registered with a certificate and shows %s', async (_, over, log) => {
    const { policy } = access({}, [{ ...CT, certificates: ['O=X, CN=CT1'] }]);
    const tls = { ...from('', true).tls!, subject: 'O=X, CN=CT2', fingerprint256: 'AB:CD', ...over };
    const peer = { ...HOME, tls: over === undefined ? undefined : tls };
    expect(await policy.decide(request(), peer)).toMatchObject({
      accept: false,
      reason: 3,
      log: expect.stringMatching(log),
    });
    const own = { ...HOME, tls: { ...tls, subject: 'O=X, CN=CT1', authorized: true } };
    expect((await policy.decide(request(), own)).accept).toBe(true);
  });

  test('an index that cannot be read rejects for now, not for good', async () => {
    const { policy } = access({
      register: {
        aeByTitle: async () => {
          throw new Error('disk I/O error');
        },
      },
    });
    expect(await policy.decide(request(), HOME)).toMatchObject({ accept: false, result: 2, source: 3, reason: 1 });
  });

  test.each([
    ['10.0.0.7', true],
    ['::ffff:10.0.0.7', true],
    ['192.168.4.250', true],
    ['192.168.5.1', false],
    ['10.0.0.70', false],
    ['nonsense', false],
  ])('CT1 from %s: %s', async (address, expected) => {
    expect(await mayCallFrom(CT, address, async () => [])).toBe(expected);
  });

  test('a host name is resolved, IPv6 blocks work', async () => {
    const entry = { host: 'ct1.example', addresses: ['2001:db8::/32'] };
    expect(await mayCallFrom(entry, '10.1.1.1', async () => ['10.1.1.1'])).toBe(true);
    expect(await mayCallFrom(entry, '2001:db8::5', async () => [])).toBe(true);
    expect(await mayCallFrom(entry, '2001:db9::5', async () => [])).toBe(false);
  });

  test.each([
    ['10.0.0.0/8', true],
    ['10.0.0.1', true],
    ['::1/128', true],
    ['10.0.0.0/33', false],
    ['10.0.0', false],
    ['a/8', false],
    ['1.2.3.4/8/8', false],
    ['1.2.3.4/', false],
  ])('isAddressBlock(%s) is %s', (text, expected) => expect(isAddressBlock(text)).toBe(expected));
});
