import type { Waveform, WaveformChannel, WaveformGroup } from '../../dicom/waveform/waveform-types.ts';
import { BraillePlot } from './braille-plot.ts';
import { extent, samplesOf } from './ecg-page.ts';
import type { Span } from './ecg-page.ts';

const LABEL = 6;
const LINES = 4;

/** All leads as lines of a terminal of `columns` characters, each lead as high as it needs to be seen. */
export function ecgLines(waveform: Waveform, span: Span, columns: number): string[] {
  return waveform.groups.flatMap((group, at) => [
    ...(at === 0 ? [] : ['']),
    `${group.label === '' ? `group ${at + 1}` : group.label}: ${group.channels.length} channels, ${group.samples} samples at ${group.samplingFrequency} Hz`,
    ...group.channels.flatMap((channel) => leadLines(channel, group, span, columns)),
  ]);
}

function leadLines(channel: WaveformChannel, group: WaveformGroup, span: Span, columns: number): string[] {
  const plot = new BraillePlot(Math.max(20, columns - LABEL), LINES);
  const { first, last } = samplesOf(group, span);
  const { min, max } = extent(channel.values, first, last);
  const step = (max - min) / (plot.height - 1) || 1;
  for (let x = 0; x < plot.width; x += 1) {
    const at = first + Math.floor((x * (last - first)) / plot.width);
    // One sample beyond, so that the line has no gaps.
    const next = Math.min(last, first + Math.floor(((x + 1) * (last - first)) / plot.width) + 1);
    const part = extent(channel.values, at, Math.max(at + 1, next));
    if (!Number.isNaN(channel.values[at]!)) plot.column(x, (max - part.max) / step, (max - part.min) / step);
  }
  const range = `${number(min)} to ${number(max)}${channel.unit === '' ? '' : ` ${channel.unit}`}`;
  return plot
    .toLines()
    .map((line, at) => `${(at === 0 ? channel.lead : '').slice(0, LABEL - 1).padEnd(LABEL)}${line}`)
    .concat([`${' '.repeat(LABEL)}${range}`]);
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}
