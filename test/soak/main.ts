// Bounded in count and time; ends with 1 when something is not as it must be.
//   npm run soak -- egress
//   npm run soak -- egress --studies 50 --rounds 10 --seed 7
import { parseArgs } from 'node:util';
import { egressSoak } from './egress-soak.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    studies: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    settle: { type: 'string', default: '900' },
  },
});
const numbers = Object.entries(values).map(([name, value]) => [name, Number(value)] as const);
const wrong = numbers.find(([, value]) => !Number.isInteger(value) || value < 1);
if (positionals.join() !== 'egress' || wrong !== undefined) {
  process.stderr.write('npm run soak -- egress [--studies 200] [--rounds 40] [--seed 1] [--settle SECONDS]\n');
  process.exitCode = 2;
} else {
  const { studies, rounds, seed, settle } = Object.fromEntries(numbers) as Record<keyof typeof values, number>;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const summary = await egressSoak({ studies, rounds, seed, settle: settle * 1000, say });
  for (const fault of summary.faults) say(`FAULT ${fault}`);
  for (const [name, value] of Object.entries(summary)) {
    process.stdout.write(`${name.padEnd(14)} ${Array.isArray(value) ? value.length : String(value)}\n`);
  }
  process.exitCode = summary.faults.length === 0 ? 0 : 1;
}
