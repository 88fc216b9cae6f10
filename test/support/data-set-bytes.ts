/** Elements of a small explicit VR little endian data set, in the order given: `[tag, VR, text]`. */
export function explicitDataSet(elements: readonly (readonly [tag: number, vr: string, value: string])[]): Buffer {
  return Buffer.concat(
    elements.map(([tag, vr, value]) => {
      const even = value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' ');
      const head = Buffer.alloc(8);
      head.writeUInt16LE(tag >>> 16, 0);
      head.writeUInt16LE(tag & 0xffff, 2);
      head.write(vr, 4, 'latin1');
      head.writeUInt16LE(even.length, 6);
      return Buffer.concat([head, Buffer.from(even, 'latin1')]);
    }),
  );
}

/** Pixel Data of so many bytes, explicit VR little endian. */
export function pixelData(bytes: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16LE(0x7fe0, 0);
  head.writeUInt16LE(0x0010, 2);
  head.write('OW', 4, 'latin1');
  head.writeUInt32LE(bytes.length, 8);
  return Buffer.concat([head, bytes]);
}
