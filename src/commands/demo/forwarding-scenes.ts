import { join } from 'node:path';
import { writeDocument } from './demo-cast.ts';
import type { DemoNode } from './demo-node.ts';
import { writeCt, writeEcg } from './demo-objects.ts';
import type { DemoStudy } from './demo-objects.ts';
import type { Stage } from './demo-stage.ts';
import type { Narrator } from './narrator.ts';

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

/** A radiology study whose documents come first, and whose system is not certified at once. */
export async function radiology({ tell, folder, profile, now }: Stage, north: DemoNode, ct: DemoStudy): Promise<void> {
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

/** An ECG whose documents come last. */
export async function electrocardiogram(
  { tell, folder, profile }: Stage,
  north: DemoNode,
  ecg: DemoStudy,
): Promise<void> {
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

function codes(rows: readonly Readonly<Record<string, unknown>>[]): string {
  return rows
    .map((row) => String(row['code']))
    .sort()
    .join(', ');
}
