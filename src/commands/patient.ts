import type { Command } from 'commander';
import { patientPicture } from '../search/patient-picture.ts';
import type { PatientPicture, PictureDocument } from '../search/patient-picture.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError } from './exit-codes.ts';
import { withIndex } from './open-index.ts';
import { humanTime } from './output.ts';

export function addPatientCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'patient <id>',
    summary: 'everything that is here of one patient: studies, manifests and care documents, linked',
    examples: [
      'kuva patient 010181-900C',
      'kuva patient 010181-900C --json | jq ".studies[].documents[].kind"',
      'findscu -S -aec KUVA 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k PatientID=010181-900C -k StudyInstanceUID        # the same studies',
    ],
  }).action(async (id: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    // The administrator of this storage; what peers may see is decided on their associations.
    const all = async (ids: readonly string[]): Promise<ReadonlySet<string>> => new Set(ids);
    const picture = await withIndex(config, (index) =>
      patientPicture({ index, permitted: all, permittedDocuments: all }, id),
    );
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
