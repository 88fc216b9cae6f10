import { join } from 'node:path';
import { NORTH, SOUTH, demoStudies } from './demo-cast.ts';
import type { DemoOrganisation } from './demo-cast.ts';
import { DemoNode } from './demo-node.ts';
import type { Nodes, Stage } from './demo-stage.ts';
import { citizen, earlierImages } from './disclosure-scenes.ts';
import { electrocardiogram, radiology } from './forwarding-scenes.ts';
import type { Narrator } from './narrator.ts';

const CODES = ['config/examples/codes-radiology-fictitious.json', 'config/examples/codes-ecg-fictitious.csv'];
const CODE_LISTS = ['1.2.246.10.90000003.6.4', '1.2.246.10.90000003.6.2'];

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
