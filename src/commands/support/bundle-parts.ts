import { open } from 'node:fs/promises';
import { arch, availableParallelism, freemem, platform, release, totalmem, uptime } from 'node:os';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { errorCode } from '../../core/errors.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import type { Profile } from '../../profile/profile.ts';
import { logWithoutPatients } from '../../support/without-patients.ts';
import type { CliEnvironment } from '../command-context.ts';
import { askNode, nodeState } from '../node-state.ts';
import { hasDatabase, withReading } from '../open-index.ts';
import { redactedConfig } from '../redacted-config.ts';
import type { BundlePart } from './write-bundle.ts';

// A line of the log is rarely longer.
const BYTES_A_LINE = 1024;

/**
 * Everything of a bundle that can be found. Only what this node counts and what administrators have registered of machines and
 * organisations: nothing is read of patients, studies or documents. What cannot be read says so in its place.
 */
export async function collectParts({ config, file }: LoadedConfig, environment: CliEnvironment): Promise<BundlePart[]> {
  const profile = profileOf(config);
  const node = await nodeState(config);
  const { ready, health, holder, state, freeBytes } = node;
  const metrics = ready === undefined ? undefined : await askNode(config, ready, '/metrics');
  return [
    json('about.json', 'program, machine and time', about(environment, config, file)),
    json('state.json', 'whether the node runs and is well', { state, holder, ready, freeBytes, health }),
    json('configuration.json', 'configuration in force, without hashes of passcodes', redactedConfig(config)),
    json('profile.json', 'archive profile', 'name' in profile ? heading(profile) : profile),
    { file: 'metrics.txt', what: 'metrics of the running node', text: metrics ?? `none: the node is ${state}\n` },
    ...(hasDatabase(config)
      ? await registered(config)
      : [json('registers.json', 'registers', { none: 'there is no database' })]),
    await logPart(config, 'name' in profile ? profile.support.logLines : 1000),
  ];
}

function about({ home }: CliEnvironment, { storage }: Config, file: string | null): object {
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  return {
    madeAt: new Date().toISOString(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    version,
    configurationFile: file,
    storage: storage.root,
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    upSeconds: Math.round(uptime()),
  };
}

function registered(config: Config): Promise<BundlePart[]> {
  return withReading(config, async (index) => {
    const held = await index.read('queueHeld');
    return [
      json('counts.json', 'what is kept, by organisation, modality and month', {
        totals: await index.read('totals'),
        rows: await index.read('stats'),
      }),
      json('queue.json', 'studies on their way: by state and age, failures, what holds them', {
        depths: await index.read('queueDepths'),
        oldest: await index.read('queueOldest'),
        overdue: await index.read('queueOverdue', Date.now()),
        failures: await index.read('queueFailures'),
        unseen: await index.read('queueUnseen'),
        // Its texts, subjects and examples name studies.
        held: held.map(({ code, studies, oldestAt }) => ({ code, studies, oldestAt })),
      }),
      json('audit.json', 'audit messages that wait', await index.read('auditBacklog')),
      json('registers.json', 'AE titles, organisations and certifications', {
        ae: await index.read('aeList'),
        organisations: await index.read('organisationList'),
        certifications: await index.read('certificationList'),
      }),
    ];
  });
}

async function logPart({ logging }: Config, lines: number): Promise<BundlePart> {
  const what = 'the end of the log';
  if (logging.file === null)
    return {
      file: 'log.jsonl',
      what,
      text: '{"none":"logging.file is not set: add what the service manager has kept"}\n',
    };
  try {
    const { text, leftOut } = logWithoutPatients(await endOf(logging.file, lines * BYTES_A_LINE), lines);
    return { file: 'log.jsonl', what: leftOut === 0 ? what : `${what}; ${leftOut} unreadable lines left out`, text };
  } catch (error) {
    return { file: 'log.jsonl', what, text: `${JSON.stringify({ none: `cannot be read: ${errorCode(error)}` })}\n` };
  }
}

/** The last `bytes` of a file; a first line that is cut is no JSON. */
async function endOf(path: string, bytes: number): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const start = Math.max(0, size - bytes);
  const buffer = Buffer.alloc(size - start);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  return buffer.toString('utf8', 0, bytesRead);
}

function profileOf({ profile }: Config): Profile | { readonly problems: readonly string[] } {
  try {
    return loadProfile(profile);
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

function heading({ name, title, simulation, effectiveFrom }: Profile): object {
  return { name, title, simulation, effectiveFrom };
}

function json(file: string, what: string, value: object): BundlePart {
  return { file, what, text: `${JSON.stringify(value, null, 2)}\n` };
}
