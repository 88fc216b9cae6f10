import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

function breaker() {
  const clock = { now: 0 };
  const subject = new CircuitBreaker({ threshold: 3, openFor: 1000, maxOpenFor: 3000 }, () => clock.now);
  return { subject, clock };
}

test('opens after failures in a row, not after failures with a success between', () => {
  const { subject } = breaker();
  subject.failed('down');
  subject.failed('down');
  subject.succeeded();
  subject.failed('down');
  subject.failed('down');
  expect(subject.admit()).toBe('send');
  subject.failed('down');
  expect(subject.admit()).toBe('wait');
  expect(subject.report()).toMatchObject({ state: 'open', failures: 3, probeAt: 1000, cause: 'down' });
});

test('one sure failure is enough', () => {
  const { subject } = breaker();
  subject.failed('rejected for good', true);
  expect(subject.admit()).toBe('wait');
});

test('lets one probe through, and waits longer each time it fails', () => {
  const { subject, clock } = breaker();
  subject.failed('down', true);
  clock.now = 1000;
  expect([subject.admit(), subject.admit()]).toEqual(['probe', 'wait']);
  subject.failed('still down');
  clock.now = 2999;
  expect(subject.admit()).toBe('wait');
  clock.now = 3000;
  expect(subject.admit()).toBe('probe');
  subject.failed('still down');
  clock.now = 6000;
  expect(subject.admit()).toBe('probe');
  subject.succeeded();
  expect(subject.admit()).toBe('send');
  expect(subject.report()).toEqual({ state: 'closed', failures: 0, probeAt: null, cause: '' });
});

test('an answer to what was under way does not close it, and an abandoned probe may be made again', () => {
  const { subject, clock } = breaker();
  subject.failed('down', true);
  subject.succeeded();
  expect(subject.admit()).toBe('wait');
  clock.now = 1000;
  expect(subject.admit()).toBe('probe');
  subject.abandon();
  expect(subject.admit()).toBe('probe');
});

test('whatever happens, no two probes are out at once and nothing is sent while it is not closed', () => {
  const step = fc.constantFrom('succeeded', 'failed', 'sure', 'admit', 'abandon', 'tick');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { subject, clock } = breaker();
      let probing = false;
      for (const what of steps) {
        if (what === 'tick') clock.now += 500;
        else if (what === 'admit') {
          const admitted = subject.admit();
          if (admitted === 'probe') {
            expect(probing).toBe(false);
            probing = true;
          }
          expect(admitted === 'send').toBe(subject.report().state === 'closed');
        } else {
          if (what === 'abandon') subject.abandon();
          else if (what === 'succeeded') subject.succeeded();
          else subject.failed('x', what === 'sure');
          probing = subject.report().state === 'half-open';
        }
      }
    }),
  );
});
