import type { PatientReport } from './patient-report.ts';
import { REPORT_TEXTS } from './report-texts-table.ts';
import type { ReportLanguage } from './report-texts-table.ts';

export interface ReportHead {
  readonly person: string;
  /** Name of this node. */
  readonly node: string;
  readonly language: ReportLanguage;
  readonly reportYears: number;
  readonly now: number;
}

/** The report as rows of text: a title, an introduction, column heads and lines. */
export interface WrittenReport {
  readonly title: string;
  readonly intro: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences below the table. */
  readonly notes: readonly string[];
}

/** What the patient gets to read. */
export function writeReport(report: PatientReport, head: ReportHead): WrittenReport {
  const texts = REPORT_TEXTS[head.language];
  const first = report.lines[0]?.at ?? head.now;
  const facts = { ...facts0(head), from: local(report.from === 0 ? first : report.from), to: local(head.now) };
  return {
    title: texts.title,
    intro: fill(texts.intro, facts),
    columns: texts.columns,
    rows: report.lines.map((line) => [
      local(line.at),
      texts.logs[line.log],
      line.organisation,
      line.user,
      line.role,
      line.event,
      line.item,
      line.controller,
      line.recipient,
      line.purpose,
      line.specialReason === '' ? line.basis : `${line.basis} (${line.specialReason})`,
    ]),
    notes: [
      ...(report.lines.length === 0 ? [texts.none] : []),
      ...(report.older === 0
        ? []
        : [fill(texts.older, { count: String(report.older), years: String(head.reportYears) })]),
    ],
  };
}

/** The refusal in writing that the patient is owed. */
export function writeRefusal(reason: string, head: ReportHead): string {
  const texts = REPORT_TEXTS[head.language];
  return [
    texts.refusalTitle,
    '',
    fill(texts.refusal, facts0(head)),
    '',
    fill(texts.ground, { reason }),
    texts.remedy,
    '',
  ].join('\n');
}

function facts0({ person, node, now }: ReportHead): Record<string, string> {
  return { person, node, made: local(now) };
}

function fill(text: string, facts: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole);
}

const LOCAL = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Helsinki',
  dateStyle: 'short',
  timeStyle: 'medium',
});

/** The time that the patient's clock showed, in the one form that no reader mistakes. */
function local(ms: number): string {
  return LOCAL.format(ms);
}
