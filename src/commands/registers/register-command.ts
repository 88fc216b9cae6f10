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

/** Held studies with a finding about one of the subjects are looked at again; their number. */
export function lookAgain(index: IndexService, subjects: readonly string[]): Promise<number> {
  return subjects.length === 0
    ? Promise.resolve(0)
    : index.write('queueReevaluate', [...new Set(subjects)], Date.now(), `cli:${userInfo().username}`);
}

export function sayLookedAgain(context: CommandContext, held: number): void {
  if (held > 0) context.out.say(`${held} held ${held === 1 ? 'study is' : 'studies are'} looked at again`);
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
