// Adds instances without end and prints the id of each once it has been acknowledged; marks every second one durable.
import { IndexService } from '../index-service.ts';
import { newInstance } from './new-instance.ts';

const path = process.argv[2] ?? '';
const index = await IndexService.open({ path, readers: 1 });
const lane = async (name: number): Promise<void> => {
  for (let at = 0; ; at += 1) {
    const { instanceId } = await index.addInstance(
      newInstance({ series: `1.2.3.${name}`, sop: `1.2.3.${name}.${at}` }),
    );
    const durable = at % 2 === 0;
    process.stdout.write(`${instanceId} 1.2.3.${name}.${at} ${durable}\n`);
    if (durable) index.markDurable(instanceId);
  }
};
await Promise.all([1, 2, 3, 4].map(lane));
