/** A quantity of dose as it is told: the concept by which reports have it, and what its units are worth in the one that is shown. */
export interface Quantity {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** Code of the coding scheme DCM (PS3.16 annex D). */
  readonly code: string;
  /** Of several in one report or study: summed over events and procedures, or the highest counts. */
  readonly taken: 'sum' | 'highest';
  /** Factors by unit of UCUM. */
  readonly units: Readonly<Record<string, number>>;
}

const AREA: Readonly<Record<string, number>> = {
  'Gy.m2': 10_000,
  'dGy.m2': 1000,
  'mGy.m2': 10,
  'uGy.m2': 0.01,
  'Gy.cm2': 1,
  'dGy.cm2': 0.1,
  'cGy.cm2': 0.01,
  'mGy.cm2': 0.001,
  'uGy.cm2': 0.000_001,
};
const MILLIGRAY: Readonly<Record<string, number>> = { Gy: 1000, cGy: 10, dGy: 100, mGy: 1, uGy: 0.001 };
const TIME: Readonly<Record<string, number>> = { s: 1, ms: 0.001, min: 60 };

/** What diagnostic reference levels are set in. Totals of PS3.16 TID 10002, 10004, 10012, and of each CT acquisition (TID 10013). */
export const QUANTITIES: readonly Quantity[] = [
  {
    name: 'dlp',
    title: 'CT dose length product, total',
    unit: 'mGy.cm',
    code: '113813',
    taken: 'sum',
    units: { 'mGy.cm': 1, 'Gy.cm': 1000, 'uGy.cm': 0.001 },
  },
  { name: 'ctdivol', title: 'Mean CTDIvol, highest', unit: 'mGy', code: '113830', taken: 'highest', units: MILLIGRAY },
  { name: 'dap', title: 'Dose area product, total', unit: 'Gy.cm2', code: '113722', taken: 'sum', units: AREA },
  {
    name: 'dose-rp',
    title: 'Dose at reference point, total',
    unit: 'mGy',
    code: '113725',
    taken: 'sum',
    units: MILLIGRAY,
  },
  { name: 'fluoroscopy', title: 'Fluoroscopy time, total', unit: 's', code: '113730', taken: 'sum', units: TIME },
  {
    name: 'agd',
    title: 'Average glandular dose, accumulated',
    unit: 'mGy',
    code: '111637',
    taken: 'sum',
    units: MILLIGRAY,
  },
];
