import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeyObject } from 'node:crypto';
import type { Command } from 'commander';
import { AccessLog, isOriginOf, LOGS, originOf } from '../access-log/access-log.ts';
import { checkEntryProof, readEntryProof } from '../access-log/entry-proof.ts';
import type { EntryProof } from '../access-log/entry-proof.ts';
import { indexLogStore } from '../access-log/index-log-store.ts';
import { openHead } from '../access-log/signed-head.ts';
import type { TreeHead } from '../access-log/signed-head.ts';
import { verifyLog } from '../access-log/verify-log.ts';
import type { CheckedLog } from '../access-log/verify-log.ts';
import type { Config } from '../config/schema.ts';
import { errorCode } from '../core/errors.ts';
import type { AccessLogName } from '../index/access-log/access-log-types.ts';
import type { IndexService } from '../index/index-service.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { addCommand, collect, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { logNamed, publicKeyOf, sequence, signingKey } from './log-context.ts';
import { newFile } from './new-file.ts';
import { noteLogUse } from './note-audit.ts';
import { withIndex } from './open-index.ts';
import { startProgress } from './progress.ts';

export function addLogProofCommands(log: Command, environment: CliEnvironment): void {
  addCommand(log, {
    usage: 'verify',
    summary:
      'read both logs again and hold them against their hashes and signed heads; exit code 1 when something was changed',
    examples: ['kuva log verify', 'kuva log verify --head heads-kept-elsewhere.txt --public-key kuva-log-key.pem'],
  })
    .option(
      '--head <file>',
      'heads kept elsewhere, as kuva log head printed them: without one, a log rewritten with its heads by somebody who has the key looks whole; may be repeated',
      collect,
      undefined,
    )
    .option('--public-key <file>', 'check heads with this key instead of the one beside the log')
    .action(async (options: { head?: readonly string[]; publicKey?: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const publicKey = publicKeyOf(config, options.publicKey && resolve(environment.cwd, options.publicKey));
      const kept = (options.head ?? []).flatMap((file) => readHeads(resolve(environment.cwd, file), publicKey));
      const { keepYears } = loadProfile(config.profile).log;
      const progress = startProgress(out, 'entries');
      try {
        const verdicts = await withIndex(config, async (index) => {
          const store = indexLogStore(index);
          await noteLogUse(index, config, LOGS);
          await refuseStrays(kept, store, config);
          const results = [];
          for (const name of LOGS) {
            const origin = originOf(config.node.aeTitle, name);
            const elsewhere = kept.filter((head) => isOriginOf(head.origin, name));
            const total = await store.size(name);
            const onProgress = (entries: number): void => progress.update(entries, Math.max(total, entries), name);
            results.push(await verifyLog({ store, log: name, origin, publicKey, elsewhere, keepYears, onProgress }));
          }
          return results;
        });
        for (const { log: name, problems } of verdicts)
          for (const { seq, problem } of problems) out.say(`${name} log, entry ${seq}: ${problem}`);
        out.list(
          verdicts,
          [
            { title: 'log', value: (row) => row.log },
            { title: 'entries', value: (row) => row.entries, align: 'right' },
            { title: 'taken out', value: (row) => row.pruned, align: 'right' },
            { title: 'heads compared', value: (row) => row.heads, align: 'right' },
            { title: 'verdict', value: (row) => (row.problems.length === 0 ? 'whole' : 'CHANGED') },
          ],
          '',
        );
        if (verdicts.some(({ problems }) => problems.length > 0))
          throw new CommandFailedError(
            'a log is not what was written: keep the disk as it is, and compare with a copy',
          );
      } finally {
        progress.stop();
      }
    });

  addCommand(log, {
    usage: 'proof <log> <entry>',
    summary:
      'a file that shows, without the database, that an entry is in the log: its record, the hashes to the root, the signed head',
    examples: [
      'kuva log proof disclosure 1041 --out entry.json',
      'kuva log check-proof entry.json --public-key kuva-log-key.pem',
    ],
  })
    .option('--out <file>', 'write it here instead of to standard output')
    .action(async (name: string, entry: string, options: { out?: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const [of, seq] = [logNamed(name), sequence(entry)];
      const file = options.out === undefined ? undefined : newFile(environment.cwd, '--out', options.out);
      const proof = await withIndex(config, async (index) => {
        await noteLogUse(index, config, [of]);
        return prove(index, config, of, seq);
      });
      const text = `${JSON.stringify(proof)}\n`;
      if (file === undefined) out.raw(text);
      else file.write(text);
    });

  addCommand(log, {
    usage: 'check-proof <file>',
    summary: 'check such a file with nothing but the public key',
    examples: ['kuva log check-proof entry.json --public-key kuva-log-key.pem'],
  })
    .option('--public-key <file>', 'the key that signed (default: the one of this node)')
    .action((file: string, options: { publicKey?: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const publicKey = publicKeyOf(config, options.publicKey && resolve(environment.cwd, options.publicKey));
      const proof = readEntryProof(readText(resolve(environment.cwd, file)));
      const head = checkEntryProof(proof, publicKey);
      out.record(
        { included: true, head, entry: JSON.parse(proof.record) as object },
        { verdict: `entry ${proof.seq} is in ${head.origin}, signed over ${head.size} entries`, record: proof.record },
      );
    });
}

/** @throws CommandFailedError for a head of a log that is not of this node, under none of the names that it has had */
async function refuseStrays(kept: readonly TreeHead[], store: CheckedLog, config: Config): Promise<void> {
  const own = (await Promise.all(LOGS.map((name) => store.heads(name)))).flat();
  const origins = new Set([
    ...LOGS.map((name) => originOf(config.node.aeTitle, name)),
    ...own.map(({ note }) => note.slice(0, note.indexOf('\n'))),
  ]);
  const stray = kept.find(({ origin }) => !origins.has(origin));
  if (stray !== undefined)
    throw new CommandFailedError(`a head given is of ${stray.origin}, which is no log of this node`);
}

async function prove(index: IndexService, config: Config, log: AccessLogName, seq: number): Promise<EntryProof> {
  const store = indexLogStore(index);
  const row = await index.read('accessLogEntry', log, seq);
  if (row === undefined) throw new CommandFailedError(`the ${log} log has no entry ${seq}; kuva log list shows them`);
  if (row.record === null)
    throw new CommandFailedError(
      `the record of entry ${seq} has been taken out after its time: there is nothing to prove`,
    );
  const key = signingKey(config);
  await new AccessLog({ store, key, node: config.node.aeTitle, now: Date.now, publish: () => undefined }).signHeads();
  const head = await store.lastHead(log);
  if (head === undefined) throw new TypeError('a log with entries has no head after signing');
  const path = await index.read('accessLogInclusion', log, seq, head.size);
  return { seq, record: row.record, path, head: head.note };
}

function readHeads(file: string, publicKey: KeyObject): TreeHead[] {
  const notes = readText(file).split(/(?<=^— .*\n)\n?/m);
  const heads = notes.filter((note) => note.trim() !== '').map((note) => openHead(note, publicKey));
  if (heads.length === 0)
    throw new UsageError(`--head ${file}: the file has no signed head; kuva log head prints them`);
  return heads;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${errorCode(error)}): give the path of the file`);
  }
}
