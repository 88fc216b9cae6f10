import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { printable } from '../core/text.ts';
import type { Setting } from './sources.ts';

const SECRET = /passcode|password|secret/i;

/** One line for each problem that the schema found, naming where it was written, key, value and remedy. */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  settings: readonly Setting[],
  known: readonly string[],
): string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const full = [...path, key].join('.');
        return `${originOf([...path, key], settings)}: unknown key ${printable(full)}; ${suggestion(full, known)}`;
      });
    }
    return [`${originOf(path, settings)}: ${path.join('.')} ${shownValue(path, settings)}: ${remedy(issue)}`];
  });
}

function remedy(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' && issue.expected === 'object' ? 'write keys below it, indented' : issue.message;
}

/** Where the nearest enclosing key was written. */
function originOf(path: readonly string[], settings: readonly Setting[]): string {
  for (let length = path.length; length > 0; length -= 1) {
    const prefix = path.slice(0, length);
    const setting = settings.findLast((candidate) => prefix.every((part, i) => candidate.path[i] === part));
    if (setting !== undefined) {
      return setting.origin;
    }
  }
  return 'configuration';
}

function shownValue(path: readonly string[], settings: readonly Setting[]): string {
  const setting = settings.findLast((candidate) => candidate.path.every((part, i) => path[i] === part));
  let value: unknown = setting?.value;
  for (const part of path.slice(setting?.path.length ?? 0)) {
    // The items of a list given as text are shown as that text.
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : value;
  }
  if (value === undefined) {
    return 'is missing';
  }
  const text = SECRET.test(path.join('.')) ? '(not shown)' : printable(JSON.stringify(value));
  return `is ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`;
}

/** `did you mean dicom.port?`, or where the list of keys is. Compares whole paths and last names alike. */
function suggestion(key: string, known: readonly string[]): string {
  const last = key.slice(key.lastIndexOf('.') + 1);
  const best = closest(key, [...known]);
  const sameLast = known.find((candidate) => candidate.endsWith(`.${last}`));
  if (distance(key, best) <= Math.max(2, Math.floor(last.length / 2))) {
    return `did you mean ${best}?`;
  }
  return sameLast === undefined ? 'config/production.example.yaml lists every key' : `did you mean ${sameLast}?`;
}
