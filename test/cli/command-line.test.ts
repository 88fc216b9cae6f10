import { symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProcess } from '../support/run-process.ts';
import { KUVA, openCli } from './kuva.ts';
import type { Cli } from './kuva.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await openCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const COMMANDS = [
  'start',
  'status',
  'config check',
  'config hash-passcode',
  'ae list',
  'ae show',
  'ae add',
  'ae remove',
  'studies list',
  'studies show',
  'documents import',
  'documents list',
  'documents show',
  'documents export',
  'documents invalidate',
  'documents sample',
  'patient',
  'priors list',
  'priors prefetch',
  'priors hints',
  'priors seen',
  'priors copies',
  'reconcile counts',
  'reconcile list',
  'reconcile link',
  'reconcile unlink',
  'reconcile settle',
  'ecg show',
  'conflicts list',
  'conflicts show',
  'quarantine list',
  'quarantine show',
  'import',
  'export',
  'verify',
  'reindex',
  'peer echo',
  'peer find',
  'peer move',
  'peer send',
  'stats',
  'conformance',
  'completion',
];

describe('help', () => {
  test('lists the commands and the exit codes, on standard output', async () => {
    const { code, stdout, stderr } = await cli.run('--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const word of [
      'start',
      'peer',
      'Exit codes:',
      '5  the storage is in use',
      'not found or interrupted',
      'KUVA_DICOM__PORT=104',
    ])
      expect(stdout).toContain(word);
  });

  test.each(COMMANDS)('%s has a summary, --json and an example', async (command) => {
    const { code, stdout } = await cli.run(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--json');
    expect(stdout).toMatch(/\nExample:\n {2}.*kuva/);
  });

  test.each(['config', 'ae', 'studies', 'conflicts', 'quarantine', 'peer'])('%s has an example, too', async (group) => {
    expect((await cli.run(group, '--help')).stdout).toMatch(/\nExample:\n {2}kuva/);
  });

  test('the version is that of the package', async () => {
    expect((await cli.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('mistakes end with 2 and a remedy on standard error', () => {
  test.each([
    [['strat'], 'Did you mean start?'],
    [['ae', 'ad', 'X'], 'Did you mean add?'],
    [['studies', 'list', '--limt', '3'], 'Did you mean --limit?'],
    [['ae', 'add'], "missing required argument 'aet'"],
    [['peer', 'move', 'X', '--to', 'Y'], "required option '--study <uid>'"],
    [['start', '--set', 'dicom.prot=1'], 'unknown key dicom.prot; did you mean dicom.port?'],
    [['start', '--port', '99999'], '--port: dicom.port is "99999": write a whole number from 0 to 65535'],
    [['stats', '--config', 'nowhere.yaml'], 'nowhere.yaml: cannot be read (ENOENT)'],
    [['completion', 'tcsh'], 'there are bash, zsh, fish'],
    [['export', '../../etc', 'out'], '../../etc is not a UID'],
    [['ae', 'add', 'BAD\\TITLE', '--host', 'h'], 'AE title BAD\\TITLE'],
    [['ae', 'add', 'A', '--host', 'h', '--address', '10.0.0.0/99'], '--address 10.0.0.0/99'],
    [['ae', 'add', 'A', '--host', 'h', '--service', 'store,print'], 'write some of echo,store,find,move,get,commit'],
    [['ae', 'add', 'A'], 'say where it is with --host'],
    [
      ['peer', 'find', 'NOBODY', '--host', '127.0.0.1', '--port', '1', '--key', 'PatientNam=X'],
      'did you mean PatientName?',
    ],
    [['conflicts', 'show', 'x'], 'x is neither the id of a conflict nor a SOP Instance UID'],
    [['quarantine', 'show', '9f86d08'], '9f86d08 is no SHA-256: write at least its first 8'],
    [['peer', 'echo', 'NOBODY'], 'kuva ae add NOBODY --host'],
  ])('%j', async (args, remedy) => {
    const { code, stdout, stderr } = await cli.run(...args);
    expect(stderr).toContain(remedy);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  test('a wrong environment variable is named', async () => {
    await using other = await openCli({ KUVA_DICOM__PROT: '1' });
    const { code, stderr } = await other.run('config', 'check');
    expect([code, stderr]).toEqual([
      2,
      'kuva: environment variable KUVA_DICOM__PROT: unknown key dicom.prot; did you mean dicom.port?\n',
    ]);
  });

  test('control characters of an argument do not reach the terminal', async () => {
    expect((await cli.run('ae', 'show', 'A\u001b[2J')).stderr).toContain('A\\x1b[2J');
  });
});

describe('config', () => {
  test('check --json gives the whole configuration, file over default, flag over file', async () => {
    const file = cli.file('kuva.yaml');
    writeFileSync(
      file,
      'dicom: {port: 5000, host: 127.0.0.2}\naccess:\n  userIdentity:\n    users: [{name: ct, passcodeHash: "scrypt:00112233445566778899:00112233445566778899001122334455"}]\n',
    );
    const [result] = await cli.json<{ file: string; config: { dicom: { port: number; host: string } } }>(
      0,
      'config',
      'check',
      '--config',
      file,
      '--set',
      'dicom.port=6000',
    );
    expect(result?.file).toBe(file);
    expect(result?.config.dicom).toMatchObject({ port: 6000, host: '127.0.0.2' });
    expect(JSON.stringify(result)).not.toContain('scrypt');
  });

  test('check --json of a wrong configuration gives its problems as a result, too', async () => {
    const { code, stdout, stderr } = await cli.run('config', 'check', '--json', '--set', 'dicom.port=x');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      2,
      { valid: false, problems: [expect.stringContaining('dicom.port')] },
    ]);
    expect(stderr).toContain('--set dicom.port');
  });

  test('--storage is storage.root, for every command', async () => {
    const storage = cli.file('elsewhere');
    expect((await cli.run('ae', 'add', 'CT1', '--host', 'h', '--storage', storage)).code).toBe(0);
    expect(await cli.json(0, 'ae', 'list', '--storage', storage)).toHaveLength(1);
    const [result] = await cli.json<{ config: { storage: { root: string } } }>(0, 'config', 'check', '--storage', 'x');
    expect(result?.config.storage.root).toBe(cli.file('x'));
  });

  test('hash-passcode makes what the configuration takes', async () => {
    const result = await runProcess('/bin/sh', ['-c', `printf secret | "${KUVA}" config hash-passcode`]);
    expect(result.stdout).toMatch(/^scrypt:[0-9a-f]{32}:[0-9a-f]{64}\n$/);
    const hash = result.stdout.trim();
    const file = cli.file('users.yaml');
    writeFileSync(file, `access: {userIdentity: {users: [{name: a, passcodeHash: "${hash}"}]}}`);
    expect((await cli.run('config', 'check', '--config', file)).code).toBe(0);
  });
});

describe('made from the program itself', () => {
  test('conformance --json lists what negotiation accepts', async () => {
    const [statement] = await cli.json<{ sopClasses: { uid: string; service: string; transferSyntaxes: string[] }[] }>(
      0,
      'conformance',
    );
    const byUid = new Map(statement?.sopClasses.map((entry) => [entry.uid, entry]));
    expect(byUid.get('1.2.840.10008.5.1.4.1.2.2.1')?.service).toBe('find');
    expect(byUid.get('1.2.840.10008.5.1.4.1.1.9.1.1')?.transferSyntaxes).toEqual([
      '1.2.840.10008.1.2',
      '1.2.840.10008.1.2.1',
    ]);
    expect(byUid.get('1.2.840.10008.5.1.4.1.1.2')?.transferSyntaxes).toContain('1.2.840.10008.1.2.4.90');
    expect(byUid.size).toBeGreaterThan(150);
  });

  test('conformance --markdown is a document', async () => {
    const { code, stdout } = await cli.run('conformance', '--markdown');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# DICOM conformance statement of kuva/);
    for (const word of ['| A700 | Out of resources |', 'Storage Commitment Push Model', '12-lead ECG Waveform Storage'])
      expect(stdout).toContain(word);
  });

  test('the bash completion completes commands, subcommands and options', async () => {
    const script = cli.file('completion.bash');
    writeFileSync(script, (await cli.run('completion', 'bash')).stdout);
    const complete = async (...words: string[]) => {
      const line = `source ${script}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _kuva; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await runProcess('/bin/bash', ['-c', line], { cwd: cli.file() })).stdout.trim().split('\n');
    };
    expect(await complete('kuva', 'st')).toEqual(['start', 'status', 'studies', 'stats']);
    expect(await complete('kuva', 'peer', 'se')).toEqual(['send']);
    expect(await complete('kuva', 'ae', 'add', 'CT1', '--max')).toEqual(['--max-sub-associations']);
  });

  test.each(['zsh', 'fish'])('a completion script for %s', async (shell) => {
    expect((await cli.run('completion', shell)).stdout).toContain('reindex');
  });

  test('the launcher finds its program through a link, as npx makes it', async () => {
    const link = cli.file('linked-kuva');
    symlinkSync(KUVA, link);
    expect((await runProcess(link, ['--version'], { cwd: '/' })).code).toBe(0);
  });
});
