import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportBundle } from '../../src/egress/proof/export-bundle.ts';
import { readCustody } from '../../src/egress/proof/read-custody.ts';
import { verifyBundle } from '../../src/egress/proof/verify-bundle.ts';
import { forwarding } from '../support/forwarding.ts';
import { tempDir } from '../support/temp-dir.ts';

const STUDY = '2.25.900';

test('the custody of an archived study is whole, and a change of any byte of its export is found', async () => {
  const f = await forwarding({ rules: ['commitment nth=1 fail=1 forget=true'] });
  for (let n = 1; n <= 3; n++) await f.receive({ study: STUDY, series: `${STUDY}.1`, sop: `${STUDY}.1.${n}` });
  await f.queueAll();
  await f.run(STUDY);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  // What comes late makes a second version, and a manifest that lists all.
  await f.receive({ study: STUDY, series: `${STUDY}.2`, sop: `${STUDY}.2.1` });
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED', version: 2 });

  const custody = await readCustody(f.index, STUDY);
  expect(custody?.jobs).toMatchObject([
    { version: 1, state: 'ARCHIVED' },
    { version: 2, state: 'ARCHIVED' },
  ]);
  expect(custody?.instances).toHaveLength(4);
  for (const { receivedFrom, sha256, forwards, sopInstanceUid } of custody!.instances) {
    expect(receivedFrom).toBe('CT1');
    expect(f.archive.objects.get(sopInstanceUid)?.sha256).toBe(sha256);
    expect(forwards).toMatchObject([{ state: 'COMMITTED', status: '0000', failureReason: null }]);
    expect(custody!.commitments.map(({ transactionUid }) => transactionUid)).toContain(forwards[0]!.transactionUid);
  }

  await using dir = await tempDir();
  const folder = dir.file('proof');
  const head = exportBundle(custody!, folder, '2026-11-22T00:00:00Z');
  const verdict = verifyBundle(folder, head);
  expect(verdict.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(verdict).toMatchObject({ ok: true, head, studyInstanceUid: STUDY });
  expect(verdict.checks.map(({ detail }) => detail)).toContain("4 commitments, each in a report of the archive's");
  expect(verdict.checks.map(({ detail }) => detail)).toContain('2 manifests list exactly what is committed');
  expect(verifyBundle(folder, 'ab'.repeat(32)).ok).toBe(false);

  const damaged = dir.file('damaged');
  const change = (edit: () => void): boolean => {
    rmSync(damaged, { recursive: true, force: true });
    cpSync(folder, damaged, { recursive: true });
    edit();
    return verifyBundle(damaged, undefined).ok;
  };
  const lines = readFileSync(join(folder, 'custody.jsonl'), 'utf8').split('\n').slice(0, -1);
  const written = (changed: readonly string[]) => () =>
    writeFileSync(join(damaged, 'custody.jsonl'), changed.map((line) => `${line}\n`).join(''));
  for (const at of lines.keys()) {
    expect(change(written(lines.toSpliced(at, 1)))).toBe(false);
    expect(change(written(lines.with(at, lines[at]!.replace(/\d(?=[^\d]*$)/, 'x'))))).toBe(false);
  }
  for (const name of readdirSync(folder).filter((each) => each !== 'custody.jsonl')) {
    const bytes = readFileSync(join(folder, name));
    bytes[bytes.length - 1]! ^= 1;
    expect(change(() => rmSync(join(damaged, name)))).toBe(false);
    expect(change(() => writeFileSync(join(damaged, name), bytes))).toBe(false);
  }
  expect(change(() => writeFileSync(join(damaged, 'more'), ''))).toBe(false);
  expect(change(() => {})).toBe(true);
});
