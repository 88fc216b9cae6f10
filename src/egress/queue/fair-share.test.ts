import { expect, test } from 'vitest';
import { FairShare } from './fair-share.ts';

const item = (source: string) => ({ source });

function take(
  share: FairShare,
  sources: readonly string[],
  cost: Readonly<Record<string, number>>,
  turns: number,
): string {
  let order = '';
  for (let turn = 0; turn < turns; turn += 1) {
    const next = share.next(sources.map(item), sources.map(item));
    if (next === undefined) break;
    share.charge(next.source, cost[next.source] ?? 1);
    order += next.source;
  }
  return order;
}

test('sources take turns, however many jobs the first has', () => {
  expect(take(new FairShare(), ['A', 'A', 'A', 'B'], {}, 6)).toBe('ABABAB');
});

test('what is large counts for more', () => {
  expect(take(new FairShare(), ['A', 'B'], { A: 3, B: 1 }, 8)).toBe('ABBBABBB');
});

test('a source that comes later does not make up for the time it was away', () => {
  const share = new FairShare();
  expect(take(share, ['A'], {}, 5)).toBe('AAAAA');
  expect(take(share, ['A', 'B'], {}, 4)).toBe('ABAB');
  expect(take(share, ['A'], {}, 3)).toBe('AAA');
  expect(take(share, ['A', 'B'], {}, 4)).toBe('ABAB');
});

test('nothing waits: nobody goes', () => {
  expect(new FairShare().next([], [])).toBeUndefined();
});
