import type { Command } from 'commander';
import type { IdentityChange } from '../../index/identity/identity-types.ts';
import { noteWillRead } from '../administration.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';
import { withIndex } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { studyUid } from '../queue/queue-text.ts';

interface ListOptions {
  readonly study?: string;
  readonly patient?: string;
  readonly limit: string;
}

export function addIdentityListCommand(identity: Command, environment: CliEnvironment): void {
  addCommand(identity, {
    usage: 'list',
    summary: 'what was said of whose studies are whose, newest first, with what was taken back; it is in the log',
    examples: ['kuva identity list', 'kuva identity list --study 1.2.840.113619.2.1 --json'],
  })
    .option('--study <uid>', 'of one study only')
    .option('--patient <id>', 'from or to this Patient ID only')
    .option('--limit <number>', 'at most so many', '100')
    .action(async ({ study, patient, limit }: ListOptions, command: Command) => {
      if (!/^[1-9]\d{0,6}$/.test(limit)) throw new UsageError(`--limit ${limit}: write a whole number`);
      const { out, config } = contextOf(environment, command);
      const query = {
        limit: Number(limit),
        beforeId: Number.MAX_SAFE_INTEGER,
        ...(study === undefined ? {} : { studyInstanceUid: studyUid(study) }),
        ...(patient === undefined ? {} : { patientId: patient }),
      };
      const changes = await withIndex(config, async (index) => {
        const found = await index.read('identityChanges', query);
        const patients = found.flatMap((change) => [change.fromPatientId, change.identity.patientId]);
        await noteWillRead(
          index,
          config,
          'identity',
          patients.filter((id) => id !== ''),
        );
        return found;
      });
      out.list<IdentityChange>(
        changes,
        [
          { title: 'change', value: ({ id }) => id },
          { title: 'at', value: ({ at }) => humanTime(at) },
          { title: 'kind', value: ({ kind }) => kind },
          { title: 'was', value: (change) => change.fromPatientId },
          { title: 'is', value: (change) => change.identity.patientId },
          { title: 'studies', value: (change) => studiesText(change), align: 'right' },
          { title: 'by', value: ({ actor }) => actor },
          { title: 'reason', value: ({ reason }) => reason },
          { title: 'taken back', value: ({ undoneAt }) => (undoneAt === null ? '' : humanTime(undoneAt)) },
        ],
        'nothing was said of any study',
      );
    });
}

function studiesText({ studyInstanceUids }: IdentityChange): string | number {
  return studyInstanceUids.length === 1 ? studyInstanceUids[0]! : studyInstanceUids.length;
}
