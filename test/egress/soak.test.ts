import { expect, test } from 'vitest';
import { egressSoak } from '../soak/egress-soak.ts';

test('studies reach an archive that misbehaves while processes are killed: archived with proof or held for a reason, nothing twice or lost', async () => {
  const said: string[] = [];
  const summary = await egressSoak({ studies: 16, rounds: 6, seed: 3, settle: 45_000, say: (line) => said.push(line) });
  expect(summary.faults, said.join('\n')).toEqual([]);
  expect(summary).toMatchObject({ studies: 16, archived: 14, held: 2 });
}, 300_000);
