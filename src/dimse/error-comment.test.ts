import { expect, test } from 'vitest';
import { ConnectError } from './association-errors.ts';
import { errorComment } from './error-comment.ts';

test.each([
  ['short', 'short'],
  ['x'.repeat(64), 'x'.repeat(64)],
  ['x'.repeat(65), `${'x'.repeat(61)}...`],
  [
    'StudyInstanceUID is required at SERIES level unless relational queries are negotiated',
    'StudyInstanceUID is required at SERIES level unless...',
  ],
  [
    'cannot connect to archive.example.org:11112, that is one word: and more',
    'cannot connect to archive.example.org:11112, that is one...',
  ],
])('%j', (text, comment) => {
  expect(errorComment(text)).toBe(comment);
  expect(comment.length).toBeLessThanOrEqual(64);
});

test('a refused connection is told once', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:104'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });
  expect(new ConnectError('10.0.0.7', 104, cause).message).toBe('cannot connect to 10.0.0.7:104: ECONNREFUSED');
  expect(new ConnectError('10.0.0.7', 104, new Error('certificate has expired')).message).toBe(
    'cannot connect to 10.0.0.7:104: certificate has expired',
  );
});
