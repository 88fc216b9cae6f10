/** How the data set of a transfer syntax is coded (PS3.5 section 10 and annex A). */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  /** The whole data set is deflated (PS3.5 A.5). */
  readonly deflated: boolean;
  /** Pixel Data is encapsulated in fragments, or lies outside the data set: re-encoding it needs a codec. */
  readonly encapsulated: boolean;
  readonly retired: boolean;
}

type Kind = 'native' | 'encapsulated' | 'referenced' | 'referenced-deflated';
type Row = readonly [uid: string, kind: Kind, name: string, retired?: 'retired'];

// PS3.6 table A-1. The retired ones are still met in archives.
const ROWS: readonly Row[] = [
  ['1.2.840.10008.1.2', 'native', 'Implicit VR Little Endian'],
  ['1.2.840.10008.1.2.1', 'native', 'Explicit VR Little Endian'],
  ['1.2.840.10008.1.2.1.98', 'encapsulated', 'Encapsulated Uncompressed Explicit VR Little Endian'],
  ['1.2.840.10008.1.2.1.99', 'native', 'Deflated Explicit VR Little Endian'],
  ['1.2.840.10008.1.2.2', 'native', 'Explicit VR Big Endian', 'retired'],
  ['1.2.840.10008.1.2.4.50', 'encapsulated', 'JPEG Baseline (Process 1)'],
  ['1.2.840.10008.1.2.4.51', 'encapsulated', 'JPEG Extended (Process 2 and 4)'],
  ['1.2.840.10008.1.2.4.52', 'encapsulated', 'JPEG Extended (Process 3 and 5)', 'retired'],
  ['1.2.840.10008.1.2.4.53', 'encapsulated', 'JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)', 'retired'],
  ['1.2.840.10008.1.2.4.54', 'encapsulated', 'JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)', 'retired'],
  ['1.2.840.10008.1.2.4.55', 'encapsulated', 'JPEG Full Progression, Non-Hierarchical (Process 10 and 12)', 'retired'],
  ['1.2.840.10008.1.2.4.56', 'encapsulated', 'JPEG Full Progression, Non-Hierarchical (Process 11 and 13)', 'retired'],
  ['1.2.840.10008.1.2.4.57', 'encapsulated', 'JPEG Lossless, Non-Hierarchical (Process 14)'],
  ['1.2.840.10008.1.2.4.58', 'encapsulated', 'JPEG Lossless, Non-Hierarchical (Process 15)', 'retired'],
  ['1.2.840.10008.1.2.4.59', 'encapsulated', 'JPEG Extended, Hierarchical (Process 16 and 18)', 'retired'],
  ['1.2.840.10008.1.2.4.60', 'encapsulated', 'JPEG Extended, Hierarchical (Process 17 and 19)', 'retired'],
  ['1.2.840.10008.1.2.4.61', 'encapsulated', 'JPEG Spectral Selection, Hierarchical (Process 20 and 22)', 'retired'],
  ['1.2.840.10008.1.2.4.62', 'encapsulated', 'JPEG Spectral Selection, Hierarchical (Process 21 and 23)', 'retired'],
  ['1.2.840.10008.1.2.4.63', 'encapsulated', 'JPEG Full Progression, Hierarchical (Process 24 and 26)', 'retired'],
  ['1.2.840.10008.1.2.4.64', 'encapsulated', 'JPEG Full Progression, Hierarchical (Process 25 and 27)', 'retired'],
  ['1.2.840.10008.1.2.4.65', 'encapsulated', 'JPEG Lossless, Hierarchical (Process 28)', 'retired'],
  ['1.2.840.10008.1.2.4.66', 'encapsulated', 'JPEG Lossless, Hierarchical (Process 29)', 'retired'],
  [
    '1.2.840.10008.1.2.4.70',
    'encapsulated',
    'JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])',
  ],
  ['1.2.840.10008.1.2.4.80', 'encapsulated', 'JPEG-LS Lossless Image Compression'],
  ['1.2.840.10008.1.2.4.81', 'encapsulated', 'JPEG-LS Lossy (Near-Lossless) Image Compression'],
  ['1.2.840.10008.1.2.4.90', 'encapsulated', 'JPEG 2000 Image Compression (Lossless Only)'],
  ['1.2.840.10008.1.2.4.91', 'encapsulated', 'JPEG 2000 Image Compression'],
  ['1.2.840.10008.1.2.4.92', 'encapsulated', 'JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)'],
  ['1.2.840.10008.1.2.4.93', 'encapsulated', 'JPEG 2000 Part 2 Multi-component Image Compression'],
  ['1.2.840.10008.1.2.4.94', 'referenced', 'JPIP Referenced'],
  ['1.2.840.10008.1.2.4.95', 'referenced-deflated', 'JPIP Referenced Deflate'],
  ['1.2.840.10008.1.2.4.100', 'encapsulated', 'MPEG2 Main Profile / Main Level'],
  ['1.2.840.10008.1.2.4.100.1', 'encapsulated', 'Fragmentable MPEG2 Main Profile / Main Level'],
  ['1.2.840.10008.1.2.4.101', 'encapsulated', 'MPEG2 Main Profile / High Level'],
  ['1.2.840.10008.1.2.4.101.1', 'encapsulated', 'Fragmentable MPEG2 Main Profile / High Level'],
  ['1.2.840.10008.1.2.4.102', 'encapsulated', 'MPEG-4 AVC/H.264 High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.102.1', 'encapsulated', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.103', 'encapsulated', 'MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.103.1', 'encapsulated', 'Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.104', 'encapsulated', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video'],
  ['1.2.840.10008.1.2.4.104.1', 'encapsulated', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video'],
  ['1.2.840.10008.1.2.4.105', 'encapsulated', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video'],
  ['1.2.840.10008.1.2.4.105.1', 'encapsulated', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video'],
  ['1.2.840.10008.1.2.4.106', 'encapsulated', 'MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'],
  ['1.2.840.10008.1.2.4.106.1', 'encapsulated', 'Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'],
  ['1.2.840.10008.1.2.4.107', 'encapsulated', 'HEVC/H.265 Main Profile / Level 5.1'],
  ['1.2.840.10008.1.2.4.108', 'encapsulated', 'HEVC/H.265 Main 10 Profile / Level 5.1'],
  ['1.2.840.10008.1.2.4.110', 'encapsulated', 'JPEG XL Lossless'],
  ['1.2.840.10008.1.2.4.111', 'encapsulated', 'JPEG XL JPEG Recompression'],
  ['1.2.840.10008.1.2.4.112', 'encapsulated', 'JPEG XL'],
  ['1.2.840.10008.1.2.4.201', 'encapsulated', 'High-Throughput JPEG 2000 Image Compression (Lossless Only)'],
  [
    '1.2.840.10008.1.2.4.202',
    'encapsulated',
    'High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)',
  ],
  ['1.2.840.10008.1.2.4.203', 'encapsulated', 'High-Throughput JPEG 2000 Image Compression'],
  ['1.2.840.10008.1.2.4.204', 'referenced', 'JPIP HTJ2K Referenced'],
  ['1.2.840.10008.1.2.4.205', 'referenced-deflated', 'JPIP HTJ2K Referenced Deflate'],
  ['1.2.840.10008.1.2.5', 'encapsulated', 'RLE Lossless'],
  ['1.2.840.10008.1.2.6.1', 'encapsulated', 'RFC 2557 MIME encapsulation', 'retired'],
  ['1.2.840.10008.1.2.6.2', 'encapsulated', 'XML Encoding', 'retired'],
  ['1.2.840.10008.1.2.7.1', 'encapsulated', 'SMPTE ST 2110-20 Uncompressed Progressive Active Video'],
  ['1.2.840.10008.1.2.7.2', 'encapsulated', 'SMPTE ST 2110-20 Uncompressed Interlaced Active Video'],
  ['1.2.840.10008.1.2.7.3', 'encapsulated', 'SMPTE ST 2110-30 PCM Digital Audio'],
  ['1.2.840.10008.1.2.8.1', 'encapsulated', 'Deflated Image Frame Compression'],
  ['1.2.840.10008.1.20', 'native', 'Papyrus 3 Implicit VR Little Endian', 'retired'],
];

const IMPLICIT: ReadonlySet<string> = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.20']);
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';

/** Every transfer syntax of PS3.6, by UID. */
export const TRANSFER_SYNTAXES: ReadonlyMap<string, TransferSyntax> = new Map(
  ROWS.map(([uid, kind, name, retired]): [string, TransferSyntax] => [
    uid,
    {
      uid,
      name,
      explicit: !IMPLICIT.has(uid),
      littleEndian: uid !== BIG_ENDIAN,
      deflated: uid === DEFLATED || kind === 'referenced-deflated',
      encapsulated: kind !== 'native',
      retired: retired === 'retired',
    },
  ]),
);

/** The transfer syntax with this UID, or undefined for a private or unknown one. */
export function transferSyntax(uid: string): TransferSyntax | undefined {
  return TRANSFER_SYNTAXES.get(uid);
}
