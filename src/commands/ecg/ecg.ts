import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { encapsulatedDocument } from '../../dicom/encapsulated-document.ts';
import { sopClassName } from '../../dicom/sop-class-table.ts';
import { readWaveform } from '../../dicom/waveform/read-waveform.ts';
import type { Waveform } from '../../dicom/waveform/waveform-types.ts';
import { askerOption } from '../asker-option.ts';
import type { AskerOptions } from '../asker-option.ts';
import { addCommand, addGroup, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { ecgSources } from './ecg-sources.ts';
import type { EcgSource } from './ecg-sources.ts';
import { extent } from './ecg-page.ts';
import { ecgSvg, LONGEST_SPAN } from './ecg-svg.ts';
import { ecgLines } from './ecg-terminal.ts';

interface ShowOptions extends AskerOptions {
  readonly svg?: string;
  readonly pdf?: string;
  readonly from: string;
  readonly seconds: string;
  readonly patient?: boolean;
}

const COLUMNS = 110;

export function addEcgCommands(program: Command, environment: CliEnvironment): void {
  const ecg = addGroup(program, 'ecg', 'look at stored ECGs: resting ones as curves, exercise ECGs as their PDF', [
    'kuva ecg show 1.2.3.4 --svg ecg.svg',
  ]);
  const show = addCommand(ecg, {
    usage: 'show <what>',
    summary:
      'draw the leads of an ECG; <what> is a Study or SOP Instance UID, which is in the log then, or a DICOM file',
    examples: [
      'kuva ecg show 1.2.3.4        # in the terminal',
      'kuva ecg show 1.2.3.4 --svg ecg.svg        # on millimetre paper, 25 mm/s and 10 mm/mV',
      'kuva ecg show 1.2.3.5 --pdf exercise.pdf        # the report of an exercise ECG, as it was encapsulated',
      'dcmdump +P WaveformSequence ecg.dcm | head -100        # the same numbers with DCMTK',
    ],
  })
    .option('--svg <file>', 'write a drawing; with several ECGs in a study, one file each: FILE-2.svg …')
    .option('--pdf <file>', 'write the PDF of an Encapsulated PDF object')
    .option('--from <seconds>', 'where the drawing begins', '0')
    .option('--seconds <number>', `how much is drawn, at most ${LONGEST_SPAN}`, '10')
    .option('--patient', 'name and identifier of the patient on the drawing');
  askerOption(show).action(async (what: string, options: ShowOptions, command: Command) => {
    const context = contextOf(environment, command);
    const span = {
      from: seconds('--from', options.from, 0, 1_000_000),
      seconds: seconds('--seconds', options.seconds, 0.1, LONGEST_SPAN),
    };
    const sources = await ecgSources(context, what, options.asker);
    if (options.pdf !== undefined) {
      await writePdf(sources, options.pdf, what);
      context.out.say(`written to ${options.pdf}`);
      return;
    }
    const waveforms = sources.flatMap(({ kind, file }) => (kind === 'waveform' ? [readWaveform(file)] : []));
    if (waveforms.length === 0)
      throw new CommandFailedError(`${what} has an ECG as a PDF alone: write it out with --pdf FILE`);
    for (const [at, waveform] of waveforms.entries()) {
      if (options.svg !== undefined) {
        const file = at === 0 ? options.svg : options.svg.replace(/(\.svg)?$/i, `-${at + 1}.svg`);
        await writeFile(file, ecgSvg(waveform, { ...span, patient: options.patient === true }));
        context.out.say(`written to ${file}`);
      } else if (!context.out.json) {
        context.out.raw(
          [sopClassName(waveform.sopClassUid), ...ecgLines(waveform, span, columnsOf(environment))].join('\n'),
        );
      }
      if (context.out.json) context.out.record(summary(waveform), {});
    }
  });
}

async function writePdf(sources: readonly EcgSource[], path: string, what: string): Promise<void> {
  const pdf = sources.find(({ kind }) => kind === 'pdf');
  if (pdf === undefined) throw new CommandFailedError(`${what} has no Encapsulated PDF`);
  await writeFile(path, encapsulatedDocument(pdf.file, ['application/pdf']));
}

/** Facts for machines; the samples themselves are in the object. */
function summary({ groups, patientName: _n, patientId: _i, ...waveform }: Waveform) {
  return {
    ...waveform,
    groups: groups.map(({ channels, ...group }) => ({
      ...group,
      channels: channels.map(({ values, ...channel }) => ({ ...channel, ...extent(values, 0, values.length) })),
    })),
  };
}

function seconds(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max)
    throw new UsageError(`${option} ${text}: write seconds from ${min} to ${max}`);
  return value;
}

function columnsOf({ stdout }: CliEnvironment): number {
  const { columns } = stdout as { columns?: number };
  return columns ?? COLUMNS;
}
