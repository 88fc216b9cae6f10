import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output, humanBytes } from './output.ts';

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function open(json: boolean) {
  const stdout = new Sink();
  const stderr = new Sink();
  return { out: new Output(json, { stdout, stderr }), stdout, stderr };
}

const COLUMNS = [
  { title: 'name', value: (item: { name: string; size: number }) => item.name },
  { title: 'size', value: (item: { name: string; size: number }) => item.size, align: 'right' as const },
];

describe('Output', () => {
  test('a list is a table for people, without trailing spaces', () => {
    const { out, stdout } = open(false);
    out.list(
      [
        { name: 'Äiti', size: 1 },
        { name: '', size: 1000 },
      ],
      COLUMNS,
      'none',
    );
    expect(stdout.text).toBe('name  size\nÄiti     1\n-     1000\n');
  });

  test('columns stand below each other on a terminal, whatever is written in them', () => {
    const { out, stdout } = open(false);
    const names = ['山田^太郎', 'A\u0308iti', '홍^길동', '👩‍⚕️', 'x'];
    out.list(
      names.map((name) => ({ name, size: 7 })),
      COLUMNS,
      '',
    );
    expect(stdout.text).toBe(
      'name       size\n山田^太郎     7\nA\u0308iti          7\n홍^길동       7\n👩‍⚕️            7\nx             7\n',
    );
  });

  test('a list is JSON lines for programs', () => {
    const { out, stdout } = open(true);
    out.list(
      [
        { name: 'a', size: 1 },
        { name: 'b', size: 2 },
      ],
      COLUMNS,
      'none',
    );
    expect(stdout.text).toBe('{"name":"a","size":1}\n{"name":"b","size":2}\n');
  });

  test('nothing is said on standard error alone', () => {
    const { out, stdout, stderr } = open(false);
    out.list([], COLUMNS, 'none at all');
    expect([stdout.text, stderr.text]).toEqual(['', 'none at all\n']);
  });

  test('what a peer wrote cannot steer the terminal', () => {
    const { out, stdout } = open(false);
    out.list([{ name: 'A\u001b[2J\nB', size: 1 }], COLUMNS, '');
    expect(stdout.text).toContain('A\\x1b[2J\\x0aB');
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1_234_567, '1.2 MB'],
  [2e15, '2.0 PB'],
  [2e18, '2000.0 PB'],
])('humanBytes(%d) is %s', (bytes, text) => {
  expect(humanBytes(bytes)).toBe(text);
});
