/** Reverses the bytes of every whole unit in place; what is left over at the end stays. */
export function swapUnits(buf: Buffer, unit: 1 | 2 | 4 | 8): Buffer {
  const whole = buf.length - (buf.length % unit);
  if (unit === 1 || whole === 0) return buf;
  const part = whole === buf.length ? buf : buf.subarray(0, whole);
  if (unit === 2) part.swap16();
  else if (unit === 4) part.swap32();
  else part.swap64();
  return buf;
}
