import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { sampleCda } from '../../documents/sample/sample-cda.ts';
import { sampleSet } from '../../documents/sample/sample-set.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';

export function addDocumentsSample(documents: Command, environment: CliEnvironment): void {
  addCommand(documents, {
    usage: 'sample <folder>',
    summary:
      'write made-up documents in Finnish, Swedish and English, for trying things out; nobody has their 900-series identifiers',
    examples: [
      'kuva documents sample /tmp/cda',
      'cda2dcm /tmp/cda/fi-2-entry-v1.xml entry.dcm        # as a DICOM object',
    ],
  }).action(async (folder: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const profile = loadProfile(config.profile);
    await mkdir(folder, { recursive: true });
    const files = sampleSet();
    for (const { name, document } of files) await writeFile(join(folder, name), sampleCda(document, profile));
    out.list(
      files.map(({ name, document: { kind, language, oid, version, patient } }) => ({
        file: join(folder, name),
        kind,
        language,
        version,
        patientId: patient.id,
        oid,
      })),
      [
        { title: 'file', value: (row) => row.file },
        { title: 'kind', value: (row) => row.kind },
        { title: 'patient', value: (row) => row.patientId },
        { title: 'OID', value: (row) => row.oid },
      ],
      '',
    );
  });
}
