import type { Command } from 'commander';
import type { Amount, DeadlineRow, DestinationLoad } from '../../index/egress/forecast-reads.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { withReading } from '../open-index.ts';
import { humanBytes, humanTime } from '../output.ts';
import { humanDuration, wholeNumber } from './queue-text.ts';

const HOUR = 3_600_000;
/** The rate of the last hour counts; when nothing was archived in it, that of the last day. */
const WINDOWS = [HOUR, 24 * HOUR];

interface DestinationForecast extends DestinationLoad {
  /** What is archived in an hour; null when nothing was, lately. */
  readonly perHour: Amount | null;
  /** ms since 1970; null when it cannot be said. */
  readonly emptyAt: number | null;
  readonly studies: readonly StudyForecast[];
}

interface StudyForecast extends DeadlineRow {
  readonly archivedAt: number | null;
  readonly late: boolean;
}

export function addQueueForecastCommand(queue: Command, environment: CliEnvironment): void {
  addCommand(queue, {
    usage: 'forecast',
    summary: 'what waits, how fast it goes, when the queue will be empty, and which deadlines will be missed',
    examples: ['kuva queue forecast', 'kuva queue forecast --studies 50 --json'],
  })
    .option('--studies <number>', 'so many studies whose deadline comes first', '10')
    .action(async (options: { studies: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const limit = wholeNumber('--studies', options.studies, 0, 100_000);
      const now = Date.now();
      const forecasts = await withReading(config, async (index) => {
        const [lastHour, lastDay] = await Promise.all(WINDOWS.map((ms) => index.read('queueLoad', now, now - ms)));
        return Promise.all(
          (lastHour ?? []).map(async (load) => {
            const day = lastDay?.find(({ destination }) => destination === load.destination)?.archived;
            const deadlines = await index.read('queueDeadlines', load.destination, limit);
            return forecast(load, day, deadlines, now);
          }),
        );
      });
      out.list(
        forecasts,
        [
          { title: 'destination', value: (each) => each.destination },
          { title: 'waiting', value: (each) => each.backlog.studies, align: 'right' },
          { title: 'instances', value: (each) => each.backlog.instances, align: 'right' },
          { title: 'size', value: (each) => humanBytes(each.backlog.bytes), align: 'right' },
          { title: 'an hour', value: (each) => perHour(each), align: 'right' },
          { title: 'empty', value: (each) => (each.emptyAt === null ? 'not known' : humanTime(each.emptyAt)) },
          { title: 'receiving', value: (each) => each.receiving, align: 'right' },
          { title: 'held', value: (each) => each.held, align: 'right' },
          { title: 'failed', value: (each) => each.failed, align: 'right' },
          { title: 'overdue', value: (each) => each.overdue, align: 'right' },
          { title: 'breaker', value: (each) => breaker(each) },
        ],
        'nothing is on its way, and nothing was',
      );
      const studies = forecasts.flatMap((each) => each.studies);
      if (out.json || studies.length === 0) return;
      out.raw('');
      out.list(
        studies,
        [
          { title: 'study', value: (study) => study.studyInstanceUid },
          { title: 'state', value: (study) => study.state },
          { title: 'deadline', value: (study) => humanTime(study.deadlineAt) },
          { title: 'left', value: (study) => left(study.deadlineAt - now), align: 'right' },
          { title: 'ahead of it', value: (study) => study.ahead.studies, align: 'right' },
          {
            title: 'archived',
            value: (study) => (study.archivedAt === null ? 'not known' : humanTime(study.archivedAt)),
          },
          { title: '', value: (study) => (study.late ? 'LATE' : ' ') },
        ],
        '',
      );
    });
}

function forecast(
  load: DestinationLoad,
  lastDay: Amount | undefined,
  deadlines: readonly DeadlineRow[],
  now: number,
): DestinationForecast {
  const hour = load.archived.studies > 0 ? load.archived : scaled(lastDay, HOUR / (WINDOWS[1] ?? HOUR));
  const rate = hour !== undefined && hour.studies > 0 ? hour : null;
  const studies = deadlines.map((row): StudyForecast => {
    const archivedAt = row.moving ? endOf(row.ahead, rate, now) : null;
    const late = row.deadlineAt < now || (archivedAt !== null && archivedAt > row.deadlineAt);
    return { ...row, archivedAt, late };
  });
  return { ...load, perHour: rate, emptyAt: endOf(load.backlog, rate, now), studies };
}

/** Small studies are held up by their number, large ones by their bytes: whichever takes longer. */
function endOf({ studies, bytes }: Amount, rate: Amount | null, now: number): number | null {
  if (studies === 0) return now;
  if (rate === null) return null;
  const hours = Math.max(studies / rate.studies, rate.bytes === 0 ? 0 : bytes / rate.bytes);
  return Math.round(now + hours * HOUR);
}

function scaled(amount: Amount | undefined, by: number): Amount | undefined {
  if (amount === undefined) return undefined;
  return { studies: amount.studies * by, instances: amount.instances * by, bytes: amount.bytes * by };
}

function perHour({ perHour: rate }: DestinationForecast): string | null {
  return rate === null ? null : `${Math.round(rate.studies * 10) / 10} (${humanBytes(Math.round(rate.bytes))})`;
}

function breaker({ breaker: level }: DestinationForecast): string | null {
  if (level === null) return null;
  return level.state === 'closed' ? 'closed' : `${level.state}: ${level.cause}`;
}

function left(ms: number): string {
  return ms < 0 ? `-${humanDuration(-ms)}` : humanDuration(ms);
}
