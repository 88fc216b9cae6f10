import type { WaveformChannel, WaveformGroup } from '../../dicom/waveform/waveform-types.ts';

/** Paper of an ECG: 25 mm a second, 10 mm a millivolt. */
export const PAPER = { mmPerSecond: 25, mmPerMillivolt: 10 } as const;

/** What of a recording is drawn, in seconds. */
export interface Span {
  readonly from: number;
  readonly seconds: number;
}

/** One lead on the page; lengths in mm, from the page's upper left corner. */
export interface PageRow {
  readonly channel: WaveformChannel;
  readonly left: number;
  /** Height of zero. */
  readonly zero: number;
  /** mm of one unit upwards. */
  readonly scale: number;
  readonly first: number;
  readonly last: number;
}

/** Name and calibration pulse stand before each lead's curve. */
export const LEAD_IN = 20;

const ROUND = 5;
const LEAST_ABOVE = 10;
const LEAST_BELOW = 5;
// A lead that wanders off, or was never connected, must not push the others from the page.
const MOST = 40;
const MOST_COLUMNS = 4;

/**
 * Places the leads of a group below each other with as much room as each needs, so that none runs into another; short ones, such as
 * median beats, in up to four columns. `height` of them all.
 */
export function layRows(
  group: WaveformGroup,
  span: Span,
  top: number,
  width: number,
): { rows: PageRow[]; height: number } {
  const { first, last } = samplesOf(group, span);
  const block = LEAD_IN + fullSquares(((last - first) / group.samplingFrequency) * PAPER.mmPerSecond);
  const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.floor(width / block)));
  const lines = Math.ceil(group.channels.length / columns);
  const rows: PageRow[] = [];
  let y = top;
  for (let line = 0; line < lines; line += 1) {
    const leads = group.channels
      .filter((_, at) => at % lines === line)
      .map((channel) => {
        const { min, max } = extent(channel.values, first, last);
        const scale =
          channel.unit === 'mV' ? PAPER.mmPerMillivolt : LEAST_ABOVE / Math.max(Math.abs(min), Math.abs(max), 1e-9);
        return { channel, scale, above: room(max * scale, LEAST_ABOVE), below: room(-min * scale, LEAST_BELOW) };
      });
    const zero = y + Math.max(...leads.map(({ above }) => above));
    leads.forEach(({ channel, scale }, column) =>
      rows.push({ channel, scale, left: column * block, zero, first, last }),
    );
    y = zero + Math.max(...leads.map(({ below }) => below));
  }
  return { rows, height: y - top };
}

/** Samples of a group in a span; at least two. */
export function samplesOf(
  { samples, samplingFrequency }: WaveformGroup,
  { from, seconds }: Span,
): { first: number; last: number } {
  const first = Math.max(0, Math.min(samples - 2, Math.round(from * samplingFrequency)));
  return { first, last: Math.min(samples, first + Math.max(2, Math.round(seconds * samplingFrequency))) };
}

/** Rounded up to whole large squares of the paper. */
export function fullSquares(mm: number): number {
  return Math.ceil(mm / ROUND - 1e-9) * ROUND;
}

function room(mm: number, least: number): number {
  return Math.min(MOST, Math.max(least, fullSquares(mm + 2)));
}

/** Smallest and largest value between two samples; 0 when there is none. */
export function extent(values: Float64Array, first: number, last: number): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = first; at < last; at += 1) {
    const value = values[at]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? { min: 0, max: 0 } : { min, max };
}
