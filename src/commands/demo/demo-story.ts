import { join } from 'node:path';
import type { Profile } from '../../profile/profile.ts';
import { NORTH, SOUTH, demoStudies, writeDocument } from './demo-cast.ts';
import type { DemoOrganisation } from './demo-cast.ts';
import { DemoNode } from './demo-node.ts';
import { writeCt, writeEcg } from './demo-objects.ts';
import type { DemoStudy } from './demo-objects.ts';
import type { Narrator } from './narrator.ts';

const CODES = ['config/examples/codes-radiology-fictitious.json', 'config/examples/codes-ecg-fictitious.csv'];
const CODE_LISTS = ['1.2.246.10.90000003.6.4', '1.2.246.10.90000003.6.2'];
const CERTIFICATION = [
  'cert',
  'add',
  'DEMO-1',
  '--system',
  'Demo PACS and RIS',
  '--system-version',
  '1',
  '--class',
  'A2',
  '--content-type',
  'radiology,ecg',
  '--spec-version',
  '2.4.1',
];

/** Everything the play is made of. */
export interface Stage {
  readonly folder: string;
  /** Folder of the installation, with the example data. */
  readonly home: string;
  readonly profile: Profile;
  /** ms since 1970 */
  readonly now: number;
  readonly tell: Narrator;
}

/** Two organisations and the national archive play what the archive is for; ends when all are stopped. */
export async function playDemo(stage: Stage): Promise<void> {
  const { folder, profile, tell, now } = stage;
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const { ct, ecg } = demoStudies(profile, day);
  await using archive = new DemoNode(folder, 'ARCHIVE', {
    node: { role: 'national' },
    disclosure: { channel: 'KANTA' },
  });
  await using north = new DemoNode(folder, 'NORTH', {
    node: { organisation: NORTH.key, aliases: [NORTH.egressAet] },
  });
  await using south = new DemoNode(folder, 'SOUTH', { node: { organisation: SOUTH.key } });
  await open(stage, { archive, north, south });
  await radiology(stage, north, ct);
  await electrocardiogram(stage, north, ecg);
  await earlierImages(stage, { archive, south, north }, [ct, ecg]);
  await citizen(stage, archive, ct);
  tell.chapter('The end', 'All three nodes are stopped.');
}

interface Nodes {
  readonly archive: DemoNode;
  readonly north: DemoNode;
  readonly south: DemoNode;
}

async function open({ tell, home }: Stage, { archive, north, south }: Nodes): Promise<void> {
  tell.chapter(
    'Three nodes',
    'Two organisations, and the national archive, which is the same program configured otherwise.',
  );
  await archive.start();
  north.configure({
    egress: {
      destination: { name: 'national', aeTitle: archive.aet, host: '127.0.0.1', port: archive.port, tls: false },
      quietTime: '1s',
    },
  });
  await Promise.all([north.start(), south.start()]);
  for (const organisation of [NORTH, SOUTH]) await register(tell, archive, organisation);
  await register(tell, north, NORTH);
  for (const contentType of ['radiology', 'ecg'])
    for (const state of ['PLANNED', 'TEST'])
      await tell.run(north, ['org', 'enable', NORTH.key, '--content-type', contentType, '--state', state]);
  for (const [i, file] of CODES.entries())
    await tell.run(north, ['codes', 'import', join(home, file), '--list', CODE_LISTS[i] ?? '']);
  const aes: readonly [string, DemoOrganisation, DemoNode][] = [
    [NORTH.egressAet, NORTH, north],
    [north.aet, NORTH, north],
    [south.aet, SOUTH, south],
  ];
  for (const [aet, { key }, { port }] of aes)
    await tell.run(archive, ['ae', 'add', aet, '--host', '127.0.0.1', '--port', String(port), '--organisation', key]);
  const echo = (node: DemoNode) =>
    tell.run(node, [
      'peer',
      'echo',
      archive.aet,
      '--host',
      '127.0.0.1',
      '--port',
      String(archive.port),
      '--calling',
      node.aet,
    ]);
  const answers = [await echo(north), await echo(south)];
  tell.alsoWith(`echoscu -aet ${north.aet} -aec ${archive.aet} 127.0.0.1 ${archive.port}`);
  tell.scene('organisations that the archive answers', '2', String(answers.filter(({ code }) => code === 0).length));
}

async function register(tell: Narrator, node: DemoNode, organisation: DemoOrganisation): Promise<void> {
  const { key, name, businessId, egressAet } = organisation;
  await tell.run(node, [
    'org',
    'set',
    key,
    '--name',
    name,
    '--business-id',
    businessId,
    '--kind',
    'public',
    '--egress-aet',
    egressAet,
    '--joined-on',
    '2018-10-01',
  ]);
}

async function radiology({ tell, folder, profile, now }: Stage, north: DemoNode, ct: DemoStudy): Promise<void> {
  tell.chapter(
    'A CT, documents first',
    'Request and examination entry are in the register; then the images come. One thing is missing.',
  );
  const documents = join(folder, 'ct-documents');
  for (const kind of ['request', 'entry'] as const) writeDocument(documents, ct, kind, profile);
  await tell.run(north, ['documents', 'import', documents]);
  const images = join(folder, 'ct');
  writeCt(images, ct);
  await send(tell, north, 'CT1', images);
  const held = await tell.until(north, ['held'], (rows) => rows.length > 0);
  tell.scene('CT of a system that is not certified', 'HELD NOT_CERTIFIED', `HELD ${codes(held)}`);
  const years = (count: number): string => new Date(now + count * 365 * 86_400_000).toISOString().slice(0, 10);
  await tell.run(north, [...CERTIFICATION, '--joint-test', years(-1), '--valid-to', years(2)]);
  await archived(tell, north, ct, 'CT after the certification');
  const bundle = join(folder, 'custody');
  await tell.run(north, ['proof', 'show', ct.accessionNumber, '--export', bundle]);
  const { code } = await tell.run(north, ['proof', 'verify', bundle]);
  tell.scene('custody of the CT, from its files alone', 'holds', code === 0 ? 'holds' : 'does not');
}

async function electrocardiogram({ tell, folder, profile }: Stage, north: DemoNode, ecg: DemoStudy): Promise<void> {
  tell.chapter(
    'An ECG, documents last',
    'The cart sends before the clinic has written. The study waits, visibly, and goes by itself.',
  );
  const waveforms = join(folder, 'ecg');
  writeEcg(waveforms, ecg);
  await send(tell, north, 'ECGCART', waveforms);
  const held = await tell.until(north, ['held'], (rows) => rows.length > 0);
  tell.scene('ECG without documents', 'HELD ENTRY_MISSING, REQUEST_MISSING', `HELD ${codes(held)}`);
  const documents = join(folder, 'ecg-documents');
  for (const kind of ['request', 'entry'] as const) writeDocument(documents, ecg, kind, profile);
  await tell.run(north, ['documents', 'import', documents]);
  await archived(tell, north, ecg, 'ECG when its documents have come');
  await tell.run(north, ['ecg', 'show', ecg.studyUid, '--svg', join(folder, 'ecg.svg')]);
}

async function earlierImages({ tell }: Stage, nodes: Nodes, studies: readonly DemoStudy[]): Promise<void> {
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

async function citizen({ tell, folder, profile }: Stage, archive: DemoNode, ct: DemoStudy): Promise<void> {
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

async function send(tell: Narrator, node: DemoNode, calling: string, folder: string): Promise<void> {
  await tell.run(node, [
    'peer',
    'send',
    node.aet,
    folder,
    '--host',
    '127.0.0.1',
    '--port',
    String(node.port),
    '--calling',
    calling,
  ]);
  tell.alsoWith(`storescu -aet ${calling} -aec ${node.aet} 127.0.0.1 ${node.port} +sd ${folder}`);
}

async function archived(tell: Narrator, node: DemoNode, study: DemoStudy, scene: string): Promise<void> {
  const rows = await tell.until(node, ['queue', 'list', '--all'], (jobs) =>
    jobs.some((job) => job['studyInstanceUid'] === study.studyUid && job['state'] === 'ARCHIVED'),
  );
  const job = rows.find((row) => row['studyInstanceUid'] === study.studyUid);
  tell.scene(scene, 'ARCHIVED', String(job?.['state']));
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

function codes(rows: readonly Readonly<Record<string, unknown>>[]): string {
  return rows
    .map((row) => String(row['code']))
    .sort()
    .join(', ');
}
