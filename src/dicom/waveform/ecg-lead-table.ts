/**
 * Short names of ECG leads (PS3.16 CID 3001) by the last component of their code, which MDC (`2:1`) and SCP-ECG (`5.6.3-9-1`) share
 * (ISO/IEEE 11073-10102, EN 1064).
 */
export const ECG_LEADS: Readonly<Record<string, string>> = {
  1: 'I',
  2: 'II',
  3: 'V1',
  4: 'V2',
  5: 'V3',
  6: 'V4',
  7: 'V5',
  8: 'V6',
  9: 'V7',
  10: 'V2R',
  11: 'V3R',
  12: 'V4R',
  13: 'V5R',
  14: 'V6R',
  15: 'V7R',
  16: 'X',
  17: 'Y',
  18: 'Z',
  61: 'III',
  62: 'aVR',
  63: 'aVL',
  64: 'aVF',
  65: '-aVR',
  66: 'V8',
  67: 'V9',
  68: 'V8R',
  69: 'V9R',
};
