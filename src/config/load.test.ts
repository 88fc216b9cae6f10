import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { knownKeys, loadConfig } from './load.ts';
import type { ConfigSources } from './load.ts';
import { isLoopback } from './loopback.ts';
import { settingFromFlag, settingsFromYaml } from './sources.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kuva-config-'));
  mkdirSync(join(home, 'config'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const EXAMPLE = join(import.meta.dirname, '../../config/production.example.yaml');

function load(over: Partial<ConfigSources> & { yaml?: string } = {}) {
  const { yaml, ...sources } = over;
  if (yaml !== undefined) {
    writeFileSync(join(home, 'config', 'kuva.yaml'), yaml);
  }
  return loadConfig({ home, cwd: home, file: undefined, env: {}, flags: [], ...sources });
}

function problemsOf(over: Parameters<typeof load>[0]): readonly string[] {
  try {
    load(over);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  test('works without any file: loopback, KUVA, 11112, storage in the home folder', () => {
    const { config, file } = load();
    expect(file).toBeNull();
    expect(config.dicom).toMatchObject({ host: '127.0.0.1', port: 11_112, tls: null, maxPduLength: 131_072 });
    expect(config.node.aeTitle).toBe('KUVA');
    expect(config.storage.root).toBe(join(home, 'storage'));
    expect(config.access.anyCallingAet).toBe(true);
  });

  test('flag wins over environment, environment over file, file over default', () => {
    const yaml = 'dicom:\n  port: 1\nhttp:\n  port: 1\nnode:\n  aeTitle: FROMFILE\n';
    const env = { KUVA_DICOM__PORT: '2', KUVA_HTTP__PORT: '2' };
    const { config } = load({ yaml, env, flags: [settingFromFlag('dicom.port=3')] });
    expect([config.dicom.port, config.http.port, config.node.aeTitle, config.index.readers]).toEqual([
      3,
      2,
      'FROMFILE',
      2,
    ]);
  });

  test('the result is frozen at every depth', () => {
    const { config } = load({ env: { KUVA_NODE__ALIASES: 'A1, A2' } });
    expect(config.node.aliases).toEqual(['A1', 'A2']);
    expect(() => Object.assign(config.dicom.limits, { associations: 1 })).toThrow(TypeError);
    expect(() => (config.node.aliases as string[]).push('B')).toThrow(TypeError);
  });

  test('any calling AE is allowed by default on loopback only', () => {
    expect(load({ env: { KUVA_DICOM__HOST: '0.0.0.0' } }).config.access.anyCallingAet).toBe(false);
    expect(load({ env: { KUVA_ACCESS__ANY_CALLING_AET: 'false' } }).config.access.anyCallingAet).toBe(false);
  });

  test('paths of the file start at the home folder, paths of the environment at the working folder', () => {
    expect(load({ yaml: 'storage: {root: data}', cwd: '/tmp' }).config.storage.root).toBe(join(home, 'data'));
    expect(load({ env: { KUVA_STORAGE__ROOT: 'data' }, cwd: '/tmp' }).config.storage.root).toBe('/tmp/data');
  });

  test('a list as text: with commas, or as the file has it; its items stay text', () => {
    const aliases = (text: string) => load({ flags: [settingFromFlag(`node.aliases=${text}`)] }).config.node.aliases;
    expect(aliases('A, B')).toEqual(['A', 'B']);
    expect(aliases('[A,B]')).toEqual(['A', 'B']);
    expect(aliases('[]')).toEqual([]);
    expect(load({ env: { KUVA_NODE__ALIASES: '["A", 12]' } }).config.node.aliases).toEqual(['A', '12']);
    expect(load({ flags: [settingFromFlag('dicom.extraSopClasses=[1.20]')] }).config.dicom.extraSopClasses).toEqual([
      '1.20',
    ]);
    expect(() => aliases('["A]')).toThrow('--set node.aliases: not a list: write it as [A, B]');
  });

  test('a section of which everything is commented out keeps its defaults', () => {
    expect(load({ yaml: 'dicom:\n  # port: 1\nnode: {}\n' }).config.dicom.port).toBe(11_112);
  });

  test('the production example is valid and names every key', () => {
    const { config } = load({ file: EXAMPLE });
    expect(config.dicom.tls?.requireClientCertificate).toBe(true);
    expect(config.storage.reserveBytes).toBe(20 * 1024 ** 3);
    expect(config.access.anyCallingAet).toBe(false);
    const written = settingsFromYaml(readFileSync(EXAMPLE, 'utf8'), 'example').map((setting) => setting.path.join('.'));
    const leaves = knownKeys().filter((key) => !knownKeys().some((other) => other.startsWith(`${key}.`)));
    expect(leaves.filter((key) => !written.includes(key))).toEqual([]);
  });
});

describe('what is wrong is named with place, key, value and remedy', () => {
  test.each([
    ['dicom:\n  prot: 1\n', 'config/kuva.yaml:2: unknown key dicom.prot; did you mean dicom.port?'],
    ['node:\n\n  aetitle: X\n', 'config/kuva.yaml:3: unknown key node.aetitle; did you mean node.aeTitle?'],
    ['port: 104\n', 'config/kuva.yaml:1: unknown key port; did you mean dicom.port?'],
    ['dicom: {port: 70000}', 'config/kuva.yaml:1: dicom.port is 70000: write a whole number from 0 to 65535'],
    [
      'node: {aeTitle: "MUCH TOO LONG A TITLE"}',
      'config/kuva.yaml:1: node.aeTitle is "MUCH TOO LONG A TITLE": write an AE title of 1 to 16 printable ASCII characters without backslash',
    ],
    [
      'dicom: {timeouts: {idle: 30}}',
      'config/kuva.yaml:1: dicom.timeouts.idle is 30: write a number with its unit ms, s, min, h or d, such as 30s',
    ],
    ['dicom: 7', 'config/kuva.yaml:1: dicom is 7: write keys below it, indented'],
    ['dicom:\n  tls: {cert: a}', 'config/kuva.yaml:2: dicom.tls.key is missing: write the path of a file or a folder'],
    ['logging: {level: loud}', 'config/kuva.yaml:1: logging.level is "loud": write one of error, warn, info, debug'],
    ['- 1', 'config/kuva.yaml:1: the file must be a mapping of sections, such as "dicom:" with "port: 11112" below it'],
    ['__proto__: {a: 1}', 'config/kuva.yaml:1: unknown key __proto__; config/production.example.yaml lists every key'],
  ])('%j', (yaml, line) => expect(problemsOf({ yaml })).toEqual([line]));

  test('an environment variable is named as it was written', () => {
    expect(problemsOf({ env: { KUVA_DICOM__PROT: '1' } })).toEqual([
      'environment variable KUVA_DICOM__PROT: unknown key dicom.prot; did you mean dicom.port?',
    ]);
  });

  test('every problem is told at once', () => {
    expect(problemsOf({ yaml: 'dicom: {port: x, maxPduLength: 1}' })).toHaveLength(2);
  });

  test('a passcode hash is never repeated', () => {
    const yaml = 'access: {userIdentity: {users: [{name: a, passcodeHash: hunter2}]}}';
    expect(problemsOf({ yaml })[0]).not.toContain('hunter2');
  });

  test('broken YAML names the line', () => {
    expect(problemsOf({ yaml: 'a: 1\nb: [\n' })[0]).toMatch(/^config\/kuva\.yaml:\d: not valid YAML: /);
  });

  test('a file that was asked for must exist', () => {
    expect(problemsOf({ file: 'nowhere.yaml' })[0]).toContain('nowhere.yaml: cannot be read (ENOENT)');
  });

  test('a flag without a value', () => {
    expect(() => settingFromFlag('dicom.port')).toThrow(/--set dicom\.port: write --set section\.key=value/);
  });
});

test('settingsFromYaml keeps the line of every key', () => {
  expect(settingsFromYaml('a:\n  b: 1\n  c: [2]\n', 'f').map((s) => [s.path.join('.'), s.origin])).toEqual([
    ['a.b', 'f:2'],
    ['a.c', 'f:3'],
  ]);
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['localhost.example.org', false],
])('isLoopback(%s) is %s', (host, expected) => expect(isLoopback(host)).toBe(expected));
