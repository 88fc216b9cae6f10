import type { Doses } from './dose-report.ts';
import { QUANTITIES } from './quantities-table.ts';

/** One examination that has a dose report. */
export interface Examination {
  readonly organisation: string;
  /** Examination code; '' where the study has none that looks like one. */
  readonly code: string;
  readonly doses: Doses;
}

/** How the examinations of one code are spread; no row tells of one person unless there is one examination. */
export interface DoseSummary {
  readonly organisation: string;
  readonly code: string;
  readonly quantity: string;
  readonly title: string;
  readonly unit: string;
  readonly examinations: number;
  readonly median: number;
  /** What diagnostic reference levels are compared with, or set from. */
  readonly thirdQuartile: number;
  readonly highest: number;
}

/** By organisation, examination code and quantity, in this order. */
export function summariseDoses(examinations: readonly Examination[]): DoseSummary[] {
  const groups = new Map<string, Examination[]>();
  for (const examination of examinations) {
    const key = JSON.stringify([examination.organisation, examination.code]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [examination]);
    else group.push(examination);
  }
  return [...groups.values()]
    .sort(([a], [b]) => compare(a!.organisation, b!.organisation) || compare(a!.code, b!.code))
    .flatMap((group) => QUANTITIES.flatMap((quantity) => summary(group, quantity)));
}

function summary(group: readonly Examination[], { name, title, unit }: (typeof QUANTITIES)[number]): DoseSummary[] {
  const values = group.flatMap(({ doses }) => doses.get(name) ?? []).sort((a, b) => a - b);
  const [{ organisation, code }] = group as [Examination];
  if (values.length === 0) return [];
  return [
    {
      organisation,
      code,
      quantity: name,
      title,
      unit,
      examinations: values.length,
      median: quantile(values, 0.5),
      thirdQuartile: quantile(values, 0.75),
      highest: values.at(-1)!,
    },
  ];
}

/** With values between two interpolated (as `numpy.quantile` does by default); `sorted` has at least one. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
