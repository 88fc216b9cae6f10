import type { Command } from 'commander';
import { patientPicture } from '../search/patient-picture.ts';
import type { PatientPicture, PictureDocument } from '../search/patient-picture.ts';
import { askerOption } from './asker-option.ts';
import type { AskerOptions } from './asker-option.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError } from './exit-codes.ts';
import { localSearch } from './local-search.ts';
import { withIndex } from './open-index.ts';
import { humanTime } from './output.ts';

export function addPatientCommand(program: Command, environment: CliEnvironment): void {
  const patient = addCommand(program, {
    usage: 'patient <id>',
    summary:
      'everything that is here of one patient: studies, manifests and care documents, linked; with disclosure control what the own registers have, and of others what the law permits; it is in the log',
    examples: [
      'kuva patient 010181-900C',
      'kuva patient 010181-900C --json | jq ".studies[].documents[].kind"',
      'findscu -S -aec KUVA 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k PatientID=010181-900C -k StudyInstanceUID        # the same studies',
    ],
  });
  askerOption(patient).action(async (id: string, { asker }: AskerOptions, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const picture = await withIndex(config, async (index) => {
      const search = localSearch({ config, index, command: 'patient', asker });
      const { permitted, permittedDocuments } = search;
      const found = await patientPicture({ index, permitted, permittedDocuments }, id);
      await search.reveal({
        studies: found?.studies.map(({ studyInstanceUid }) => studyInstanceUid) ?? [],
        documents: found === undefined ? [] : documentsIn(found),
      });
      return found;
    });
    if (picture === undefined) throw new CommandFailedError('there is nothing of this patient here');
    out.record(picture, {
      patient: picture.patientId,
      names: picture.identities.map(({ name, birthDate, issuer }) => `${name} ${birthDate} (${issuer})`).join('; '),
      studies: picture.studies.length,
      documents: picture.studies.reduce(
        (sum, { documents }) => sum + documents.length,
        picture.unlinkedDocuments.length,
      ),
    });
    if (!out.json) out.raw(`\n${lines(picture).join('\n')}`);
  });
}

function documentsIn({ studies, unlinkedDocuments }: PatientPicture): string[] {
  const all = [...studies.flatMap(({ documents }) => documents), ...unlinkedDocuments];
  return [...new Set(all.map(({ oid }) => oid))];
}

function lines({ studies, unlinkedDocuments }: PatientPicture): string[] {
  return [
    ...studies.flatMap((study) => [
      [
        study.studyDate || '-',
        study.modalities.join('/'),
        study.studyDescription,
        `${study.numberOfInstances} objects`,
        study.studyInstanceUid,
      ]
        .concat(study.copyUntil === null ? [] : [`copy until ${humanTime(study.copyUntil)}`])
        .join('  '),
      ...study.documents.map((document) => `    ${documentLine(document)} (by ${document.linkedBy})`),
      ...study.manifests.map(
        ({ origin, sopInstanceUid, deliveredAt }) =>
          `    manifest ${origin}${deliveredAt === null ? '' : `, delivered ${humanTime(deliveredAt)}`}  ${sopInstanceUid}`,
      ),
    ]),
    ...(unlinkedDocuments.length === 0 ? [] : ['documents without a study']),
    ...unlinkedDocuments.map((document) => `    ${documentLine(document)}`),
  ];
}

function documentLine({ kind, version, state, effectiveTime, oid }: PictureDocument): string {
  return `${kind} v${version} ${state}  ${effectiveTime}  ${oid}`;
}
