import { describe, expect, test } from 'vitest';
import { access, from, request } from './access-fixture.ts';
import { hashPasscode } from './user-identity.ts';

describe('user identity', () => {
  const identity = (type: number, primary: string, secondary = '') => ({
    type,
    positiveResponseRequested: true,
    primary: Buffer.from(primary),
    secondary: Buffer.from(secondary),
  });
  const SECRET = 'correct horse';

  async function decide(
    policy: 'ignore' | 'verify' | 'require',
    userIdentity: ReturnType<typeof identity> | undefined,
    tls: boolean,
    allow = false,
  ) {
    const users = [
      { name: 'ct', passcodeHash: await hashPasscode(SECRET) },
      { name: 'named', passcodeHash: null },
    ];
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
  ] as const)(
    '%s %j over TLS %s (passcode in clear allowed: %s) is accepted: %s',
    async (policy, userIdentity, tls, allow, accepted) => {
      const { decision } = await decide(policy, userIdentity, tls, allow);
      expect(decision.accept).toBe(accepted);
      expect(JSON.stringify(decision)).not.toMatch(/correct horse|wrong"|a\.b\.c|ticket"/);
    },
  );

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
