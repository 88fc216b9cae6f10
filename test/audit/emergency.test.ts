import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { COAST, DISTRICT } from '../../src/disclosure/test-support/scenario.ts';
import { NationalNode } from '../disclosure/national-node.ts';
import { findscu, getscu } from '../support/dcmtk.ts';
import { tempDir } from '../support/temp-dir.ts';

vi.setConfig({ testTimeout: 60_000 });

test('who asks in an emergency is an alert (PS3.15 A.5.3.11), written down before anything is shown', async () => {
  await using dir = await tempDir();
  await using national = await NationalNode.start(
    [
      { aet: 'DISTRICT', controller: DISTRICT, kind: 'public', port: 1 },
      { aet: 'COAST', controller: COAST, kind: 'public', port: 2 },
    ],
    // Nobody is there: messages wait, and can be read.
    { audit: { repository: { host: '127.0.0.1', port: 1, tls: null } } },
  );
  await national.store('DISTRICT', [{ study: '2.25.601', sop: '2.25.601.1', patientId: '010181-900C' }]);
  const alerts = (): string[] => {
    using db = new Disposed(join(national.node.storageRoot, 'kuva.sqlite'));
    return db.messages().filter((message) => message.includes('csd-code="110127"'));
  };
  const ask = async (...keys: string[]) =>
    findscu(national.node.peer('COAST'), 'study', [
      'QueryRetrieveLevel=STUDY',
      'StudyInstanceUID',
      'PatientID=010181-900C',
      ...keys,
    ]);
  await ask();
  await ask('RequestedProcedureComments=user=7;purpose=CARE');
  expect(alerts()).toEqual([]);
  await ask('RequestedProcedureComments=user=7;purpose=EMERGENCY');
  expect(alerts()).toHaveLength(1);
  expect(alerts()[0]).toContain('UserID="7"');
  expect(alerts()[0]).toContain('AETITLES=COAST');
  await getscu(national.node.peer('COAST'), 'study', dir.path, [
    'QueryRetrieveLevel=STUDY',
    'StudyInstanceUID=2.25.601',
    'RequestedProcedureComments=user=7;purpose=EMERGENCY',
  ]);
  expect(alerts()).toHaveLength(2);
});

class Disposed implements Disposable {
  readonly #db: Sqlite.Database;

  constructor(path: string) {
    this.#db = new Sqlite(path, { readonly: true });
  }

  messages(): string[] {
    return this.#db
      .prepare<[], { message: string }>('SELECT message FROM audit_message ORDER BY id')
      .all()
      .map(({ message }) => message);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
