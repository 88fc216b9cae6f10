import type { Command } from 'commander';
import { loadProfile } from '../../profile/load-profile.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndexOfNode } from '../open-index.ts';
import { actorOf, studyUid } from '../queue/queue-text.ts';
import { auditIdentity, refused, tellOutcome } from './record-change.ts';
import { patientOptions, saidIdentity } from './said-identity.ts';
import type { SaidPatient } from './said-identity.ts';

type Said = SaidPatient & { readonly reason: string };

export function addIdentityChangeCommands(identity: Command, environment: CliEnvironment): void {
  patientOptions(
    addCommand(identity, {
      usage: 'move <study>',
      summary:
        'say that a study is another patient’s: C-FIND, C-MOVE, C-GET, export and the queue tell it so from then on; the kept bytes stay as they came',
      examples: [
        'kuva identity move 1.2.840.113619.2.1 --to 010190-998V --name "Demo^Aino" --reason "wrong worklist entry"',
        'findscu -S -aec KUVA 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k PatientID=010190-998V -k StudyInstanceUID        # what is found then',
      ],
    }),
  )
    .requiredOption('--to <patient-id>', 'whose it is')
    .requiredOption('--reason <text>', 'why; kept with the change, and in the audit trail')
    .action(async (study: string, options: Said & { to: string }, command: Command) => {
      const context = contextOf(environment, command);
      const uid = studyUid(study);
      const profile = loadProfile(context.config.profile);
      const outcome = await withIndexOfNode(context.config, async (index) => {
        const facts = await index.read('studyFacts', uid);
        if (facts === undefined) throw new CommandFailedError(`there is no study ${uid} here`);
        // It may be another person's: nothing that its objects say of the patient is taken over.
        const said = await saidIdentity(index, profile, options.to, options, undefined);
        const change = { kind: 'move', studyInstanceUid: uid, identity: said, ...noted(options) } as const;
        const done = await index.changeIdentity(change).catch(refused);
        await auditIdentity(index, context.config, done, options.reason);
        return done;
      });
      tellOutcome(context.out, outcome);
    });

  patientOptions(
    addCommand(identity, {
      usage: 'merge <old-id> <patient-id>',
      summary:
        'retire a Patient ID: every study of it, and what comes under it later, is the other patient’s; such as a temporary id when the personal identity code is known',
      examples: [
        'kuva identity merge TMP-17 010190-998V --reason "identified on the ward"',
        'kuva identity merge 4711 4712 --from-issuer 1.2.246.10.1 --issuer 1.2.246.10.1 --reason "registered twice"',
      ],
    }),
  )
    .option('--from-issuer <oid>', 'of the old id (default: whatever its issuer)')
    .requiredOption('--reason <text>', 'why; kept with the change, and in the audit trail')
    .action(async (oldId: string, newId: string, options: Said & { fromIssuer?: string }, command: Command) => {
      const context = contextOf(environment, command);
      const profile = loadProfile(context.config.profile);
      const outcome = await withIndexOfNode(context.config, async (index) => {
        const issuer = options.fromIssuer ?? null;
        const [before] = await index.read('knownIdentity', oldId, issuer);
        const said = await saidIdentity(index, profile, newId, options, before);
        const change = { kind: 'merge', patientId: oldId, issuer, identity: said, ...noted(options) } as const;
        const done = await index.changeIdentity(change).catch(refused);
        await auditIdentity(index, context.config, done, options.reason);
        return done;
      });
      tellOutcome(context.out, outcome);
    });

  addCommand(identity, {
    usage: 'undo <change>',
    summary: 'take a change back: its studies are again whose they were before it',
    examples: ['kuva identity undo 3'],
  }).action(async (id: string, _options: unknown, command: Command) => {
    if (!/^[1-9]\d{0,14}$/.test(id)) throw new UsageError(`${id}: write the number that kuva identity list shows`);
    const { out, config } = contextOf(environment, command);
    const outcome = await withIndexOfNode(config, async (index) => {
      const done = await index.undoIdentity(Number(id), actorOf(environment), Date.now()).catch(refused);
      await auditIdentity(index, config, done, 'taken back');
      return done;
    });
    tellOutcome(out, outcome);
  });

  function noted({ reason }: Said) {
    return { reason, actor: actorOf(environment), at: Date.now() };
  }
}
