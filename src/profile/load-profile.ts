import { readFileSync } from 'node:fs';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { deepFreeze } from '../core/deep-freeze.ts';
import { errorCode } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { profileSchema } from './profile.ts';
import type { Profile } from './profile.ts';

/** Reads an archive profile. @throws ConfigError with one line a problem: file and line, key, value, remedy */
export function loadProfile(path: string): Profile {
  return parseProfile(read(path), path);
}

/** As `loadProfile`, from text; `name` is how messages call the file. */
export function parseProfile(text: string, name: string): Profile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    throw new ConfigError([`${name}:${line}: not valid YAML: ${error.message.split('\n')[0]}`], error);
  }
  const parsed = profileSchema.safeParse(document.toJS());
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.flatMap((issue) => describe(issue, document, (at) => `${name}:${lines.linePos(at).line}`)),
      parsed.error,
    );
  }
  return deepFreeze(parsed.data);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(
      [
        `profile is ${printable(path)}, which cannot be read (${errorCode(error)}): name an archive profile, such as config/profiles/kuv-sim-1.yaml`,
      ],
      error,
    );
  }
}

function describe(issue: z.core.$ZodIssue, document: Document, where: (offset: number) => string): string[] {
  const at = where(offsetOf(issue.path, document));
  const key = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => {
      const path = [...issue.path, name];
      return `${where(offsetOf(path, document))}: unknown key ${printable(path.map(String).join('.'))}; config/profiles/kuv-sim-1.yaml shows every key`;
    });
  }
  const value: unknown = document.getIn(issue.path);
  const shown = value === undefined ? 'is missing' : `is ${brief(isNode(value) ? value.toJSON() : value)}`;
  return [`${at}: ${printable(key === '' ? 'the profile' : key)} ${shown}: ${remedy(issue)}`];
}

function remedy(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' && issue.expected === 'object' ? 'write keys below it, indented' : issue.message;
}

function brief(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Where the value is written, or the nearest that encloses it. */
function offsetOf(path: readonly PropertyKey[], document: Document): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
