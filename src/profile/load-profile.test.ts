import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { loadProfile, parseProfile } from './load-profile.ts';

const TEXT = readFileSync(shippedFile(DEFAULT_PROFILE), 'utf8');

function problemsOf(text: string): readonly string[] {
  try {
    parseProfile(text, 'archive.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  throw new Error('the profile was accepted');
}

test('the shipped profile is valid, frozen, and says that it is a simulation', () => {
  const profile = loadProfile(shippedFile(DEFAULT_PROFILE));
  expect(profile).toMatchObject({ name: 'kuv-sim-1', simulation: true, effectiveFrom: '20210101' });
  expect(profile.notice).toContain('no conformance');
  expect(Object.isFrozen(profile.identity)).toBe(true);
});

test('each problem names file, line, key, value and remedy', () => {
  const lineOf = (text: string) => TEXT.split('\n').findIndex((line) => line.includes(text)) + 1;
  const wrong = TEXT.replace('effectiveFrom: 2021-01-01', 'effectiveFrom: 2021-02-30')
    .replace('hetuIssuer: 1.2.246.21', 'hetuIssuer: HETU')
    .replace('name: kuv-sim-1', 'nome: kuv-sim-1');
  expect(problemsOf(wrong)).toEqual([
    expect.stringMatching(/^archive\.yaml:\d+: name is missing: /),
    `archive.yaml:${lineOf('effectiveFrom:')}: effectiveFrom is "2021-02-30": write a day as 2026-01-31`,
    `archive.yaml:${lineOf('hetuIssuer:')}: identity.hetuIssuer is "HETU": write an OID: numbers and dots`,
    `archive.yaml:${lineOf('name:')}: unknown key nome; config/profiles/kuv-sim-1.yaml shows every key`,
  ]);
  expect(problemsOf(TEXT.replace('contentTypes: [ecg]', 'contentTypes: [egc]'))).toEqual([
    expect.stringMatching(/: codes\.lists\.1\.contentTypes\.0 is "egc": write one of content\.types: ecg, dental/),
  ]);
  expect(problemsOf('a: [1\n')[0]).toMatch(/^archive\.yaml:\d: not valid YAML/);
  expect(() => loadProfile('/nonexistent/p.yaml')).toThrow(/cannot be read \(ENOENT\)/);
});
