import { join } from 'node:path';
import { NORTH, SOUTH, writeDocument } from './demo-cast.ts';
import type { DemoNode } from './demo-node.ts';
import type { DemoStudy } from './demo-objects.ts';
import type { Nodes, Stage } from './demo-stage.ts';
import type { Narrator } from './narrator.ts';

/** Another organisation asks: without consent, with it, denied, in an emergency. */
export async function earlierImages({ tell }: Stage, nodes: Nodes, studies: readonly DemoStudy[]): Promise<void> {
  const { archive, south, north } = nodes;
  const person = studies[0]?.patient.id ?? '';
  const all = String(studies.length);
  tell.chapter(
    'Earlier images for another organisation',
    'What the patient and the law have decided decides every answer.',
  );
  const asks = (node: DemoNode, purpose = 'CARE'): Promise<string> => find(tell, node, archive, person, purpose);
  await tell.run(archive, ['relation', 'add', person, '--controller', SOUTH.controller]);
  await tell.run(archive, ['relation', 'add', person, '--controller', NORTH.controller]);
  tell.scene('SOUTH asks, nothing was consented to', '0', await asks(south));
  await tell.run(archive, ['informing', 'add', person, '2.0']);
  await tell.run(archive, ['citizen', 'consent', person]);
  tell.scene('SOUTH asks after the consent', all, await asks(south));
  const [ct] = studies;
  await tell.run(south, [
    'peer',
    'move',
    archive.aet,
    '--host',
    '127.0.0.1',
    '--port',
    String(archive.port),
    '--calling',
    south.aet,
    '--to',
    south.aet,
    '--study',
    ct?.studyUid ?? '',
  ]);
  tell.alsoWith(
    `movescu -S -aet ${south.aet} -aec ${archive.aet} -aem ${south.aet} 127.0.0.1 ${archive.port} -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=${ct?.studyUid}`,
  );
  const kept = await tell.run(south, ['studies', 'list']);
  tell.scene('CT moved to SOUTH', '1', String(kept.rows.length));
  await tell.run(archive, ['citizen', 'denial', person, '--scope', 'all', '--emergency-allowed']);
  tell.scene('SOUTH asks after a denial', '0', await asks(south));
  tell.scene('NORTH asks for its own', all, await asks(north));
  tell.scene('SOUTH asks in an emergency', all, await asks(south, 'EMERGENCY'));
}

/** What the citizen reads, and whether the log holds. */
export async function citizen({ tell, folder, profile }: Stage, archive: DemoNode, ct: DemoStudy): Promise<void> {
  const person = ct.patient.id;
  tell.chapter(
    'The citizen, and the log',
    'The statement is to be read; images are not. Who has seen what is told, and nobody can change it unseen.',
  );
  const documents = join(folder, 'ct-documents');
  const statement = writeDocument(documents, ct, 'statement', profile);
  await tell.run(archive, ['documents', 'import', documents]);
  const { rows } = await tell.run(archive, ['citizen', 'view', person]);
  tell.scene(
    'documents that the citizen sees',
    'entry, request, statement',
    rows
      .map((row) => String(row['kind']))
      .sort()
      .join(', '),
  );
  await tell.run(archive, ['citizen', 'download', person, statement, '--pdf', '--out', join(folder, 'statement.pdf')]);
  const told = await tell.run(archive, ['citizen', 'log', person]);
  const emergency = told.rows.filter((row) => row['purpose'] === 'EMERGENCY');
  tell.scene('the emergency in the log', 'there', emergency.length > 0 ? 'there' : 'missing');
  const verdicts = await tell.run(archive, ['log', 'verify']);
  const whole = verdicts.rows.every((row) => Array.isArray(row['problems']) && row['problems'].length === 0);
  tell.scene('use log and disclosure log', 'whole', whole ? 'whole' : 'changed');
}

/** How many studies of the person this node finds in the archive. */
async function find(
  tell: Narrator,
  node: DemoNode,
  archive: DemoNode,
  person: string,
  purpose: string,
): Promise<string> {
  const asker = `user=Test Physician;role=physician;purpose=${purpose}`;
  const { rows } = await tell.run(node, [
    'peer',
    'find',
    archive.aet,
    '--host',
    '127.0.0.1',
    '--port',
    String(archive.port),
    '--calling',
    node.aet,
    '--key',
    `PatientID=${person}`,
    '--key',
    'StudyInstanceUID',
    '--key',
    `RequestedProcedureComments=${asker}`,
  ]);
  tell.alsoWith(
    `findscu -S -aet ${node.aet} -aec ${archive.aet} 127.0.0.1 ${archive.port} -k QueryRetrieveLevel=STUDY -k PatientID=${person} -k StudyInstanceUID -k "RequestedProcedureComments=${asker}"`,
  );
  return String(rows.length);
}
