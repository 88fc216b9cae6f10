import { sopClassName } from '../../dicom/sop-class-table.ts';
import type { Waveform, WaveformGroup } from '../../dicom/waveform/waveform-types.ts';
import { fullSquares, layRows, LEAD_IN, PAPER, samplesOf } from './ecg-page.ts';
import type { PageRow, Span } from './ecg-page.ts';

const MARGIN = 5;
const HEADER = 20;
const FOOTER = 8;
const GROUP_GAP = 10;
const NAME_WIDTH = 11;
const PULSE_WIDTH = 5; // mm: 200 ms

/** Seconds on one page: more of a long recording is drawn piece by piece. */
export const LONGEST_SPAN = 60;

export interface SvgOptions extends Span {
  /** Whether name and identifier of the patient stand on the page. */
  readonly patient: boolean;
}

/** All leads of a waveform on millimetre paper, 25 mm/s and 10 mm/mV when printed at its own size. */
export function ecgSvg(waveform: Waveform, options: SvgOptions): string {
  const inner = LEAD_IN + fullSquares(longest(waveform, options) * PAPER.mmPerSecond);
  const width = inner + 2 * MARGIN;
  const body: string[] = [];
  let y = HEADER;
  for (const [at, group] of waveform.groups.entries()) {
    if (at > 0) y += GROUP_GAP;
    const { rows, height } = layRows(group, options, y, inner);
    body.push(
      text(MARGIN, y - 2, 3, groupLine(group, at, options)),
      `<rect x="${MARGIN}" y="${y}" width="${inner}" height="${height}" fill="url(#large)"/>`,
      ...rows.map((row) => rowSvg(row, group)),
    );
    y += height;
  }
  const height = y + FOOTER;
  const scale = `${PAPER.mmPerSecond} mm/s, ${PAPER.mmPerMillivolt} mm/mV`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    '<defs>',
    '<pattern id="small" width="1" height="1" patternUnits="userSpaceOnUse"><path d="M1 0H0V1" fill="none" stroke="#f3b8b8" stroke-width="0.08"/></pattern>',
    '<pattern id="large" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="url(#small)"/><path d="M5 0H0V5" fill="none" stroke="#e58a8a" stroke-width="0.2"/></pattern>',
    '</defs>',
    `<rect width="${width}" height="${height}" fill="#fffdfb"/>`,
    ...headLines(waveform, options),
    ...body,
    text(MARGIN, height - 2.5, 2.6, `${scale}; SOP Instance ${waveform.sopInstanceUid}`),
    '</svg>',
  ].join('\n')}\n`;
}

function headLines(waveform: Waveform, { patient }: SvgOptions): string[] {
  const title = sopClassName(waveform.sopClassUid).replace(' Waveform Storage', '');
  const who = patient ? [waveform.patientName.replaceAll('^', ' ').trim(), waveform.patientId] : [];
  const line = [...who, spoken(waveform.acquired)].filter((part) => part !== '').join(', ');
  return [text(MARGIN, 6.5, 4.4, title, 'bold'), text(MARGIN, 11.5, 3, line)];
}

function groupLine(group: WaveformGroup, at: number, { from }: Span): string {
  const { label, samplingFrequency, samples, channels, bits } = group;
  const [channel] = channels;
  const { filterLow = null, filterHigh = null } = channel ?? {};
  return [
    `${label === '' ? `Group ${at + 1}` : label}: ${channels.length} channels`,
    `${(samples / samplingFrequency).toFixed(1)} s at ${samplingFrequency} Hz`,
    `${bits} bit`,
    ...(filterLow === null || filterHigh === null ? [] : [`${filterLow}-${filterHigh} Hz`]),
    ...(from > 0 ? [`from ${from} s`] : []),
  ].join(', ');
}

function rowSvg(row: PageRow, group: WaveformGroup): string {
  const { channel, zero } = row;
  const left = MARGIN + row.left;
  const unit =
    channel.unit === 'mV' ? [] : [text(left + 1, zero + 3, 2.2, channel.unit === '' ? 'no unit' : channel.unit)];
  return [
    text(left + 1, zero - 1, channel.lead.length > 5 ? 2.2 : 3.4, channel.lead.slice(0, 24), 'bold'),
    ...unit,
    pulse(row, left + NAME_WIDTH),
    `<path d="${curve(row, group, left + LEAD_IN)}" fill="none" stroke="#111" stroke-width="0.25" stroke-linejoin="round"/>`,
  ].join('\n');
}

/** 1 mV for 200 ms, as the paper of a cart has it. */
function pulse({ zero, channel }: PageRow, left: number): string {
  if (channel.unit !== 'mV') return '';
  const path = `M${left} ${zero}h1.5v-${PAPER.mmPerMillivolt}h${PULSE_WIDTH}v${PAPER.mmPerMillivolt}h1.5`;
  return `<path d="${path}" fill="none" stroke="#111" stroke-width="0.25"/>`;
}

function curve(
  { channel, zero, scale, first, last }: PageRow,
  { samplingFrequency }: WaveformGroup,
  left: number,
): string {
  const parts: string[] = [];
  let pen = false;
  for (let at = first; at < last; at += 1) {
    const value = channel.values[at]!;
    // Padding: nothing was measured.
    if (!Number.isNaN(value)) {
      const x = left + ((at - first) / samplingFrequency) * PAPER.mmPerSecond;
      parts.push(`${pen ? 'L' : 'M'}${round(x)} ${round(zero - value * scale)}`);
    }
    pen = !Number.isNaN(value);
  }
  return parts.join('');
}

function round(mm: number): string {
  return String(Math.round(mm * 100) / 100);
}

/** Seconds of the longest group. */
function longest({ groups }: Waveform, span: Span): number {
  const drawn = groups.map((group) => {
    const { first, last } = samplesOf(group, span);
    return (last - first) / group.samplingFrequency;
  });
  return Math.max(1, ...drawn);
}

/** `20130125105919` as people write it. */
function spoken(acquired: string): string {
  return acquired.replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2}).*$/, '$1-$2-$3 $4:$5:$6');
}

function text(x: number, y: number, size: number, content: string, weight = 'normal'): string {
  const escaped = content
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
    .replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="#222">${escaped}</text>`;
}
