// Adds instances until one is refused, prints the code, closes and prints how many reports of a fatal failure there were.
import { errorCode } from '../../core/errors.ts';
import { IndexService } from '../index-service.ts';
import { newInstance } from './new-instance.ts';

const path = process.argv[2] ?? '';
const enough = Number(process.argv[3] ?? 4000);
let fatal = 0;
const index = await IndexService.open({ path, readers: 1, onFatal: () => (fatal += 1) });
let code = 'none';
for (let at = 0; at < enough && code === 'none'; at += 1) {
  await index.addInstance(newInstance({ sop: `1.2.3.${at}` })).catch((error: unknown) => (code = errorCode(error)));
}
await index.close();
process.stdout.write(`${code} ${fatal}\n`);
