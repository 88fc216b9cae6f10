import { expect, test, vi } from 'vitest';
import type { Ingest } from '../ingest.ts';
import { createStore } from './c-store.ts';

type Store = ReturnType<typeof createStore>;
type Parameters3 = Parameters<Store>;

const CT = '1.2.840.10008.5.1.4.1.1.2';
const principal = { aet: 'CT1', organisation: 'HUS', services: new Set(['store']), entry: null, user: null };
const assoc = {
  id: 'a1',
  callingAET: 'CT1',
  peer: { address: '10.0.0.7', port: 4000 },
  principal,
} as unknown as Parameters3[0];
const pc = { id: 1, abstractSyntax: CT, transferSyntax: '1.2.840.10008.1.2.1' } as Parameters3[1];
const command = (AffectedSOPClassUID: string) =>
  ({ AffectedSOPClassUID, AffectedSOPInstanceUID: '1.2.3' }) as Parameters3[2];

test('goes the way of ingest with who sends it and what it announces', () => {
  const begin = vi.fn<Ingest['begin']>();
  createStore({ ingest: { begin } })(assoc, pc, command(CT));
  expect(begin.mock.calls).toEqual([
    [
      { callingAET: 'CT1', organisation: 'HUS', address: '10.0.0.7', associationId: 'a1' },
      { sopClassUid: CT, sopInstanceUid: '1.2.3', transferSyntaxUid: '1.2.840.10008.1.2.1' },
    ],
  ]);
});

test('a SOP class other than the negotiated one is read and refused', async () => {
  const begin = vi.fn<Ingest['begin']>();
  const sink = createStore({ ingest: { begin } })(assoc, pc, command('1.2.840.10008.5.1.4.1.1.4'));
  expect(sink.write(Buffer.alloc(10))).toBe(true);
  await sink.drained();
  expect(await sink.finish()).toMatchObject({ code: 0x0122, offendingElement: [0x00000002] });
  expect(begin).not.toHaveBeenCalled();
});
