import { swapUnits } from './byte-order.ts';
import type { DataSet } from './data-set.ts';
import { encodeHead, MAX_SHORT_LENGTH } from './element-head.ts';
import { TAG } from './tags.ts';
import { VR_TRAITS } from './vr-table.ts';

/** Appends the elements of a data set in tag order, with defined lengths. Returns the number of bytes. */
export function encodeElements(parts: Buffer[], dataSet: DataSet, explicit: boolean, littleEndian: boolean): number {
  let total = 0;
  const put = (part: Buffer): void => {
    parts.push(part);
    total += part.length;
  };
  for (const element of [...dataSet.values()].toSorted((a, b) => a.tag - b.tag)) {
    const { tag } = element;
    // Group lengths are retired (PS3.5 7.2) and would be wrong after a change.
    if ((tag & 0xffff) === 0 && tag !== 0) continue;
    if (element.vr === 'SQ') {
      const content: Buffer[] = [];
      let length = 0;
      for (const item of element.items) {
        const body: Buffer[] = [];
        const bodyLength = encodeElements(body, item, explicit, littleEndian);
        content.push(encodeHead(TAG.Item, undefined, bodyLength, explicit, littleEndian), ...body);
        length += 8 + bodyLength;
      }
      put(encodeHead(tag, 'SQ', length, explicit, littleEndian));
      for (const part of content) put(part);
      continue;
    }
    const length = element.bytes.length + (element.bytes.length % 2);
    const traits = VR_TRAITS[element.vr];
    // A value too long for a 16-bit length is sent as UN (PS3.5 6.2.2).
    const vr = explicit && !traits.longLength && length > MAX_SHORT_LENGTH ? 'UN' : element.vr;
    put(encodeHead(tag, vr, length, explicit, littleEndian));
    put(
      littleEndian || traits.unit === 1 || vr === 'UN'
        ? element.bytes
        : swapUnits(Buffer.from(element.bytes), traits.unit),
    );
    if (length !== element.bytes.length) put(Buffer.from([traits.text && element.vr !== 'UI' ? 0x20 : 0]));
  }
  return total;
}
