/** Value representations of PS3.5 6.2. */
export type VR =
  | 'AE'
  | 'AS'
  | 'AT'
  | 'CS'
  | 'DA'
  | 'DS'
  | 'DT'
  | 'FD'
  | 'FL'
  | 'IS'
  | 'LO'
  | 'LT'
  | 'OB'
  | 'OD'
  | 'OF'
  | 'OL'
  | 'OV'
  | 'OW'
  | 'PN'
  | 'SH'
  | 'SL'
  | 'SQ'
  | 'SS'
  | 'ST'
  | 'SV'
  | 'TM'
  | 'UC'
  | 'UI'
  | 'UL'
  | 'UN'
  | 'UR'
  | 'US'
  | 'UT'
  | 'UV';

export interface VrTraits {
  /** Explicit VR encodes it with two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
  readonly longLength: boolean;
  /** Bytes of the unit that changes order between little and big endian; 1 = none (PS3.5 7.3). */
  readonly unit: 1 | 2 | 4 | 8;
  /** Character string, padded with a space (UI with NUL). */
  readonly text: boolean;
  /** Coded in Specific Character Set (PS3.5 6.1.2.3). */
  readonly charset: boolean;
  /** A backslash separates values. */
  readonly multi: boolean;
}

const binary = (longLength: boolean, unit: 1 | 2 | 4 | 8): VrTraits => ({
  longLength,
  unit,
  text: false,
  charset: false,
  multi: false,
});
const ascii = (longLength = false, multi = true): VrTraits => ({
  longLength,
  unit: 1,
  text: true,
  charset: false,
  multi,
});
const coded = (longLength: boolean, multi: boolean): VrTraits => ({
  longLength,
  unit: 1,
  text: true,
  charset: true,
  multi,
});

export const VR_TRAITS: Readonly<Record<VR, VrTraits>> = {
  AE: ascii(),
  AS: ascii(),
  AT: binary(false, 2),
  CS: ascii(),
  DA: ascii(),
  DS: ascii(),
  DT: ascii(),
  FD: binary(false, 8),
  FL: binary(false, 4),
  IS: ascii(),
  LO: coded(false, true),
  LT: coded(false, false),
  OB: binary(true, 1),
  OD: binary(true, 8),
  OF: binary(true, 4),
  OL: binary(true, 4),
  OV: binary(true, 8),
  OW: binary(true, 2),
  PN: coded(false, true),
  SH: coded(false, true),
  SL: binary(false, 4),
  SQ: binary(true, 1),
  SS: binary(false, 2),
  ST: coded(false, false),
  SV: binary(true, 8),
  TM: ascii(),
  UC: coded(true, true),
  UI: ascii(),
  UL: binary(false, 4),
  UN: binary(true, 1),
  UR: ascii(true, false),
  US: binary(false, 2),
  UT: coded(true, false),
  UV: binary(true, 8),
};

const ALPHABET = 26;
const LETTER_A = 0x41;

export interface VrCode {
  readonly vr: VR;
  readonly longLength: boolean;
}

// Indexed by the two letters, since this is looked up for every element of every instance.
const BY_LETTERS: readonly (VrCode | undefined)[] = Array.from({ length: ALPHABET * ALPHABET }, (_, index) => {
  const letters = String.fromCharCode(LETTER_A + Math.floor(index / ALPHABET), LETTER_A + (index % ALPHABET));
  const vr = (Object.keys(VR_TRAITS) as VR[]).find((known) => known === letters);
  return vr === undefined ? undefined : { vr, longLength: VR_TRAITS[vr].longLength };
});

/** The VR whose two letters have these byte values, or undefined. */
export function vrFromCode(first: number, second: number): VrCode | undefined {
  if (first < LETTER_A || second < LETTER_A || second >= LETTER_A + ALPHABET) return undefined;
  return BY_LETTERS[(first - LETTER_A) * ALPHABET + second - LETTER_A];
}
