// Bounded in count and time; ends with 1 when something is not as it must be.
//   npm run soak -- egress
//   npm run soak -- egress --studies 50 --rounds 10 --seed 7
//   npm run soak -- audit --messages 100000
import { parseArgs } from 'node:util';
import { auditSoak } from './audit-soak.ts';
import { egressSoak } from './egress-soak.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    studies: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    settle: { type: 'string', default: '900' },
    messages: { type: 'string', default: '100000' },
  },
});
const numbers = Object.entries(values).map(([name, value]) => [name, Number(value)] as const);
const wrong = numbers.find(([, value]) => !Number.isInteger(value) || value < 1);
const { studies, rounds, seed, settle, messages } = Object.fromEntries(numbers) as Record<keyof typeof values, number>;
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const soaks: Readonly<Record<string, () => Promise<{ readonly faults: readonly string[] }>>> = {
  egress: () => egressSoak({ studies, rounds, seed, settle: settle * 1000, say }),
  audit: () => auditSoak({ messages, seed, say }),
};
const soak = soaks[positionals.join()];
if (soak === undefined || wrong !== undefined) {
  say('npm run soak -- egress [--studies 200] [--rounds 40] [--seed 1] [--settle SECONDS]');
  say('npm run soak -- audit [--messages 100000] [--seed 1]');
  process.exitCode = 2;
} else {
  const summary = await soak();
  for (const fault of summary.faults) say(`FAULT ${fault}`);
  for (const [name, value] of Object.entries(summary)) {
    process.stdout.write(`${name.padEnd(14)} ${Array.isArray(value) ? value.length : String(value)}\n`);
  }
  process.exitCode = summary.faults.length === 0 ? 0 : 1;
}
