import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { errorCode } from '../../core/errors.ts';
import { parseDay, zonedDay } from '../../core/zoned-day.ts';
import type { IndexService } from '../../index/index-service.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import type { Profile } from '../../profile/profile.ts';
import { contextOf } from '../command-context.ts';
import type { CliEnvironment, CommandContext } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';

// What the commands of the national registers share.

/** The command's context with the archive profile. @throws ConfigError */
export function registerContext(
  environment: CliEnvironment,
  command: Command,
): { readonly context: CommandContext; readonly profile: Profile } {
  const context = contextOf(environment, command);
  return { context, profile: loadProfile(context.config.profile) };
}

/** What a change of a register bears on: held studies by a finding's subject, queued ones by content type or controller. */
export interface Touched {
  readonly subjects: readonly string[];
  readonly contentTypes?: readonly string[];
  readonly controllers?: readonly string[];
}

/** Studies that the change bears on are judged again; their number. */
export async function lookAgain(index: IndexService, touched: Touched): Promise<number> {
  const { subjects, contentTypes = [], controllers = [] } = touched;
  const [at, actor] = [Date.now(), `cli:${userInfo().username}`];
  const held = subjects.length === 0 ? 0 : await index.write('queueReevaluate', [...new Set(subjects)], at, actor);
  if (contentTypes.length === 0 && controllers.length === 0) return held;
  const some = { kind: 'some', contentTypes, controllers } as const;
  return held + (await index.write('readinessRecheckQueued', some, at, actor));
}

export function sayLookedAgain(context: CommandContext, studies: number): void {
  if (studies > 0) context.out.say(`${studies} ${studies === 1 ? 'study is' : 'studies are'} looked at again`);
}

/** A day of an option as YYYYMMDD; today in the profile's time zone when it is left out. */
export function dayOf(profile: Profile, option: string, text: string | undefined): string {
  return optionalDay(option, text) ?? zonedDay(profile.egress.timeZone, Date.now());
}

export function optionalDay(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day === undefined) throw new UsageError(`${option} ${text}: write a day as 2026-01-31`);
  return day;
}

/** A file's text and the name it goes by; ISO 8859-1 where it is not UTF-8, as older exports are. @throws UsageError */
export function readText(environment: CliEnvironment, file: string): { readonly name: string; readonly text: string } {
  const bytes = readBytes(resolve(environment.cwd, file), file);
  try {
    return { name: basename(file), text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { name: basename(file), text: bytes.toString('latin1') };
  }
}

function readBytes(path: string, shown: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${shown}: cannot be read (${errorCode(error)}): name a file`);
  }
}
