import type { Command } from 'commander';
import { nextMidnight, parseDay, shownDay, zonedDay } from '../core/zoned-day.ts';
import { loadProfile } from '../profile/load-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { checkStudy } from '../readiness/check-study.ts';
import { isHeld } from '../readiness/evaluate.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { withIndex } from './open-index.ts';

interface CheckOptions {
  readonly date?: string;
}

export function addCheckCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'check <study-uid>',
    summary:
      'whether a study may go to the archive, and everything that speaks against it; changes nothing; exit code 1 when it would be held',
    examples: [
      'kuva check 1.2.840.113619.2.1',
      'kuva check 1.2.840.113619.2.1 --date 2027-01-01 --json        # as it will be on that day',
      'dcmdump +P PatientID +P StudyDescription image.dcm        # what two of the rules look at',
    ],
  })
    .option('--date <day>', 'as on this day (default: today)')
    .action(async (uid: string, options: CheckOptions, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const profile = loadProfile(config.profile);
      const at = momentOf(profile, options.date);
      const check = await withIndex(config, (index) => checkStudy(index, profile, uid, at));
      if (check === undefined) throw new CommandFailedError(`there is no study ${uid}`);
      const { facts, context, findings } = check;
      const verdict = isHeld(findings) ? 'held' : 'ready';
      const heading = {
        studyInstanceUid: uid,
        verdict,
        day: context.day,
        organisation: facts.organisation,
        controller: context.controllerOid,
        contentTypes: context.contentTypes.map(({ name }) => name),
        profile: profile.name,
      };
      out.record(
        { ...heading, findings },
        {
          study: uid,
          verdict,
          day: shownDay(context.day),
          organisation: facts.organisation,
          controller: context.controllerOid,
          content: heading.contentTypes.join(', '),
          profile: `${profile.name}${profile.simulation ? ' (a simulation)' : ''}`,
        },
      );
      if (!out.json) {
        out.list(
          findings,
          [
            { title: 'severity', value: (finding) => finding.severity },
            { title: 'code', value: (finding) => finding.code },
            { title: 'cause', value: (finding) => finding.cause },
            { title: 'remedy', value: (finding) => finding.remedy },
          ],
          'nothing speaks against it',
        );
      }
      if (verdict === 'held') throw new CommandFailedError(`the study would be held: ${reasons(findings)}`);
    });
}

function reasons(findings: readonly { readonly code: string; readonly severity: string }[]): string {
  return [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code))].join(', ');
}

/** Now, or the last moment of a day that was given. */
function momentOf(profile: Profile, date: string | undefined): number {
  if (date === undefined) return Date.now();
  const day = parseDay(date);
  if (day === undefined) throw new UsageError(`--date ${date}: write a day as 2026-01-31`);
  const noon = Date.parse(`${shownDay(day)}T12:00:00Z`);
  const { timeZone } = profile.egress;
  // Noon in UTC is another day where the zone is more than eleven hours off.
  return (zonedDay(timeZone, noon) === day ? nextMidnight(timeZone, noon) : noon) - 1;
}
