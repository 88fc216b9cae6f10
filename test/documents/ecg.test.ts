import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readWaveform } from '../../src/dicom/waveform/read-waveform.ts';
import { openInProcessCli } from '../cli/in-process.ts';
import { runProcess } from '../support/run-process.ts';
import { samplePath } from '../support/samples.ts';
import { tempDir } from '../support/temp-dir.ts';

const SAMPLE = samplePath('test_files/waveform_ecg.dcm');

// General (32 bit, implicit VR), Ambulatory (8 bit) and big endian forms of pydicom's 12-lead ECG, and what pydicom reads from each.
const VARIANTS = `
import json, struct, sys
import pydicom
from pydicom.uid import ImplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, generate_uid
source, folder = sys.argv[1:]
out = {}
def variant(name, sop_class, code, bits, kind, syntax, scheme, channels):
    ds = pydicom.dcmread(source)
    group = ds.WaveformSequence[0]
    flat = struct.unpack('<120000h', group.WaveformData)
    raw = [list(flat[at * 12:at * 12 + channels]) for at in range(4000)]
    if bits == 8: raw = [[max(-120, min(120, v // 8)) for v in row] for row in raw]
    if bits == 32: raw = [[v * 1000 for v in row] for row in raw]
    raw[5][0] = 77
    order = '>' if syntax == ExplicitVRBigEndian else '<'
    group.WaveformData = struct.pack(order + str(4000 * channels) + code, *[v for row in raw for v in row])
    group.WaveformPaddingValue = struct.pack(order + code, 77).ljust(2, bytes(1))
    if bits == 8:
        group['WaveformData'].VR = 'OB'
        group['WaveformPaddingValue'].VR = 'OB'
    group.WaveformBitsAllocated = bits
    group.WaveformSampleInterpretation = kind
    group.NumberOfWaveformSamples = 4000
    group.NumberOfWaveformChannels = channels
    group.ChannelDefinitionSequence = group.ChannelDefinitionSequence[:channels]
    for definition in group.ChannelDefinitionSequence:
        definition.ChannelBaseline = '40'
        source_code = definition.ChannelSourceSequence[0]
        source_code.CodeValue = '2:' + source_code.CodeValue.split('-')[-1]
        source_code.CodingSchemeDesignator = scheme
    ds.WaveformSequence = [group]
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = sop_class
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.StudyInstanceUID = '1.2.3.' + str(bits)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.is_little_endian = syntax != ExplicitVRBigEndian
    ds.is_implicit_VR = syntax == ImplicitVRLittleEndian
    path = folder + '/' + name + '.dcm'
    ds.save_as(path, write_like_original=False)
    volts = [[v * 1.25 / 1000 + 0.04 for v in row] for row in raw]
    later = [[row[at] for row, original in zip(volts[6:], raw[6:]) if original[at] != 77] for at in range(channels)]
    out[path] = {'first': volts[0], 'min': [min(c) for c in later], 'max': [max(c) for c in later]}
variant('general', '1.2.840.10008.5.1.4.1.1.9.1.2', 'i', 32, 'SL', ImplicitVRLittleEndian, 'MDC', 12)
variant('ambulatory', '1.2.840.10008.5.1.4.1.1.9.1.3', 'b', 8, 'SB', ExplicitVRLittleEndian, 'MDC', 3)
variant('big', '1.2.840.10008.5.1.4.1.1.9.1.2', 'h', 16, 'SS', ExplicitVRBigEndian, 'MDC', 2)
print(json.dumps(out))
`;

test('general and ambulatory ECGs of 8, 16 and 32 bits, in three encodings, give the millivolts that went in', async () => {
  await using dir = await tempDir('kuva-ecg-');
  const made = await runProcess('/usr/bin/python3', ['-W', 'ignore', '-c', VARIANTS, SAMPLE, dir.path]);
  expect(made.code, made.output).toBe(0);
  const expected = JSON.parse(made.stdout) as Record<string, { first: number[]; min: number[]; max: number[] }>;
  const names = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
  for (const [path, { first, min, max }] of Object.entries(expected)) {
    const [group] = readWaveform(readFileSync(path)).groups;
    expect(group?.channels.map(({ lead }) => lead)).toEqual(names.slice(0, first.length));
    expect(Number.isNaN(group?.channels[0]?.values[5]), path).toBe(true);
    group?.channels.forEach(({ values, unit }, at) => {
      const later = [...values.subarray(6)].filter((value) => !Number.isNaN(value));
      expect(unit).toBe('mV');
      expect(values[0]).toBeCloseTo(first[at]!, 6);
      expect(Math.min(...later)).toBeCloseTo(min[at]!, 6);
      expect(Math.max(...later)).toBeCloseTo(max[at]!, 6);
    });
  }

  await using cli = await openInProcessCli();
  await cli.json(0, 'import', dir.path);
  const [shown] = await cli.json<{ groups: { channels: { lead: string }[] }[] }>(0, 'ecg', 'show', '1.2.3.8');
  expect(shown?.groups[0]?.channels).toHaveLength(3);
  const svg = cli.file('ecg.svg');
  expect((await cli.run('ecg', 'show', '1.2.3.32', '--svg', svg)).code).toBe(0);
  const text = readFileSync(svg, 'utf8');
  expect(text.match(/<path d="M[\d.]+ -?[\d.]+L/g)).toHaveLength(12);
  expect(text).toContain('25 mm/s, 10 mm/mV');
});

test('the drawing has calibration and scale: a millivolt is 10 mm, a second 25 mm; the patient only when asked for', async () => {
  await using cli = await openInProcessCli();
  const svg = cli.file('ecg.svg');
  expect((await cli.run('ecg', 'show', SAMPLE, '--svg', svg, '--seconds', '2')).code).toBe(0);
  const text = readFileSync(svg, 'utf8');
  const { groups, patientId } = readWaveform(readFileSync(SAMPLE));
  const curve = /<path d="(M[^"]*L[^"]*)"/.exec(text)?.[1] ?? '';
  const points = [...curve.matchAll(/([\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
  expect(points).toHaveLength(2000);
  expect(points[1000]![0] - points[0]![0]).toBeCloseTo(25, 1);
  const { values } = groups[0]!.channels[0]!;
  expect(points[0]![1] - points[400]![1]).toBeCloseTo((values[400]! - values[0]!) * 10, 1);
  expect(text).toContain('h1.5v-10h5v10h1.5');
  expect(text).not.toContain(patientId);
  await cli.run('ecg', 'show', SAMPLE, '--svg', svg, '--patient');
  expect(readFileSync(svg, 'utf8')).toContain(patientId);
  const terminal = await cli.run('ecg', 'show', SAMPLE);
  expect(terminal.stdout).toMatch(/^aVR {3}[\u2801-\u28ff]/m);
  expect(terminal.stdout).toMatch(/-0\.931 to 0\.085 mV/);
});

test('an exercise ECG comes out as its PDF, byte for byte', async () => {
  await using cli = await openInProcessCli();
  const pdf = Buffer.from('%PDF-1.4\n% made up, an odd number of bytes\n%%EOF\n');
  writeFileSync(cli.file('in.pdf'), pdf);
  await runProcess('pdf2dcm', ['+t', 'Exercise ECG', '+pi', '010181-900C', cli.file('in.pdf'), cli.file('in.dcm')]);
  expect((await cli.run('ecg', 'show', cli.file('in.dcm'), '--pdf', cli.file('out.pdf'))).code).toBe(0);
  expect(readFileSync(cli.file('out.pdf')).equals(pdf)).toBe(true);
  expect((await cli.run('ecg', 'show', cli.file('in.dcm'))).stderr).toContain('--pdf FILE');
});

test('what is no ECG is said in one line', async () => {
  await using cli = await openInProcessCli();
  writeFileSync(cli.file('text'), 'no');
  expect(await cli.run('ecg', 'show', 'nonsense')).toMatchObject({
    code: 2,
    stderr: 'kuva: nonsense is neither a file nor a UID\n',
  });
  expect((await cli.run('ecg', 'show', cli.file('text'))).code).toBe(1);
  expect((await cli.run('ecg', 'show', SAMPLE, '--seconds', '100')).code).toBe(2);
  expect(existsSync(cli.storage)).toBe(false);
});
