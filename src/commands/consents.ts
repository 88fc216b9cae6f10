import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { storagePaths } from '../config/storage-paths.ts';
import { errorCode } from '../core/errors.ts';
import { readWillRecord, WillRecordError } from '../disclosure/will-record.ts';
import type { Recording } from '../disclosure/will-record.ts';
import type { DisclosurePolicy } from '../disclosure/question.ts';
import type { NewWill } from '../index/disclosure/disclosure-types.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { withNewIndex } from './open-index.ts';
import { policyOf, recordingNow } from './will-registers.ts';

/** Records in one commit. */
const BATCH = 1000;
/** Complaints that are shown; the others are counted. */
const SHOWN = 20;

export function addConsentsCommands(program: Command, environment: CliEnvironment): void {
  const consents = addGroup(
    program,
    'consents',
    'consents, denials, informing, authorisations and care relationships in bulk',
    ['kuva consents import wills.jsonl'],
  );

  addCommand(consents, {
    usage: 'import <file>',
    summary:
      'records from a file of JSON lines; what is wrong in it is told by line and nothing of the file is kept then; a record with an id comes in once',
    examples: [
      'kuva consents import wills.jsonl',
      `echo '{"register":"denial","patient":"010181-900C","scope":"all","from":"2020-05-01","id":"1.2.3"}' | kuva consents import -`,
    ],
  }).action(async (file: string, _options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    const recording = recordingNow();
    const records = await readAll(file, environment, policyOf(context), recording);
    const tally = { recorded: 0, known: 0, replaced: 0 };
    await withNewIndex(storagePaths(context.config), async (index) => {
      for (let start = 0; start < records.length; start += BATCH) {
        for (const { kind } of await index.write('willPut', records.slice(start, start + BATCH))) tally[kind] += 1;
      }
    });
    context.out.record(tally, tally);
  });
}

async function readAll(
  file: string,
  environment: CliEnvironment,
  policy: DisclosurePolicy,
  recording: Recording,
): Promise<NewWill[]> {
  const input = file === '-' ? environment.stdin : createReadStream(file);
  const records: NewWill[] = [];
  const problems: string[] = [];
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (line.trim() === '') continue;
      try {
        records.push(readWillRecord(parseLine(line), policy, recording));
      } catch (error) {
        if (!(error instanceof WillRecordError)) throw error;
        problems.push(`${file}:${number}: ${error.message}`);
      }
    }
  } catch (error) {
    if (file !== '-' && errorCode(error) !== 'UNKNOWN')
      throw new UsageError(
        `${file}: cannot be read (${errorCode(error)}); give a file of JSON lines, or - for standard input`,
      );
    throw error;
  }
  if (problems.length === 0) return records;
  const more = problems.length > SHOWN ? [`… and ${problems.length - SHOWN} more`] : [];
  throw new CommandFailedError([...problems.slice(0, SHOWN), ...more, 'nothing was imported'].join('\n'));
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new WillRecordError('not a JSON object: write one record a line');
  }
}
