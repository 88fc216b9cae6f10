import type { Cell } from '../reader/statement-cache.ts';
import type { PatientWill, WillRegister, WillRegisters } from './disclosure-types.ts';

type Shape = 'text' | 'number' | 'number-or-null' | 'flag' | 'json';
type Columns<Row> = readonly (readonly [field: keyof Row & string, shape: Shape])[];

const RECORDED = [
  ['patientId', 'text'],
  ['validFrom', 'number'],
  ['validUntil', 'number-or-null'],
  ['version', 'number'],
  ['sourceId', 'text'],
  ['recordedAt', 'number'],
  ['recordedBy', 'text'],
  ['endedAt', 'number-or-null'],
  ['endedBy', 'text'],
] as const;
const EXPRESSED = [
  ['givenBy', 'text'],
  ['via', 'text'],
] as const;

/** What each register says beside what all rows have. */
const FACTS: { readonly [Name in WillRegister]: Columns<WillRegisters[Name]> } = {
  consent: [['kind', 'text'], ...EXPRESSED],
  denial: [
    ['scope', 'text'],
    ['serviceEvent', 'text'],
    ['controller', 'text'],
    ['registerCode', 'text'],
    ['groupName', 'text'],
    ['emergencyAllowed', 'flag'],
    ...EXPRESSED,
  ],
  informing: [['informingVersion', 'text']],
  authorisation: [
    ['organiser', 'text'],
    ['organiserUnit', 'text'],
    ['producer', 'text'],
    ['searchController', 'text'],
    ['searchRegister', 'text'],
    ['searchSpecifier', 'text'],
    ['storageController', 'text'],
    ['storageRegister', 'text'],
    ['storageSpecifier', 'text'],
    ['allDocuments', 'flag'],
    ['materialFrom', 'text'],
    ['materialUntil', 'text'],
    ['serviceEvents', 'json'],
  ],
  relation: [['controller', 'text']],
};

const ID = ['id', 'number'] as const;

type AnyColumns = readonly (readonly [field: string, shape: Shape])[];

const ALL: Readonly<Record<WillRegister, AnyColumns>> = {
  consent: [ID, ...RECORDED, ...FACTS.consent],
  denial: [ID, ...RECORDED, ...FACTS.denial],
  informing: [ID, ...RECORDED, ...FACTS.informing],
  authorisation: [ID, ...RECORDED, ...FACTS.authorisation],
  relation: [ID, ...RECORDED, ...FACTS.relation],
};

/** Columns of a register by their fields: of what is recorded of all, and of its own facts. */
export function willColumns(register: WillRegister): AnyColumns {
  return ALL[register];
}

/** The fields in which two rows from one source must agree to be the same. */
export function willFacts(register: WillRegister): string[] {
  return ['patientId', 'validFrom', 'validUntil', ...FACTS[register].map(([field]) => field)];
}

export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A value as SQLite takes it. */
export function toCell(value: unknown): string | number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' || typeof value === 'number' || value === null ? value : JSON.stringify(value);
}

/** A row of `willColumns`, in their order. */
export function willRow<Name extends WillRegister>(register: Name, cells: readonly Cell[]): WillRegisters[Name] {
  const row: Record<string, unknown> = {};
  ALL[register].forEach(([field, shape], at) => {
    row[field] = fromCell(cells[at] ?? null, shape);
  });
  return row as unknown as WillRegisters[Name];
}

function fromCell(cell: Cell, shape: Shape): unknown {
  switch (shape) {
    case 'text':
      return String(cell);
    case 'number':
      return Number(cell);
    case 'number-or-null':
      return cell === null ? null : Number(cell);
    case 'flag':
      return cell === 1;
    case 'json':
      return JSON.parse(String(cell));
  }
}

export const WILL_REGISTERS = ['consent', 'denial', 'informing', 'authorisation', 'relation'] as const;

/** A patient's rows of all registers, each with its place in `WILL_REGISTERS`. */
export function willOf(rows: readonly (readonly [at: number, cells: readonly Cell[]])[]): PatientWill {
  const of = <Name extends WillRegister>(register: Name): WillRegisters[Name][] => {
    const at = WILL_REGISTERS.findIndex((each) => each === register);
    return rows.filter(([place]) => place === at).map(([, cells]) => willRow(register, cells));
  };
  return {
    consents: of('consent'),
    denials: of('denial'),
    informings: of('informing'),
    authorisations: of('authorisation'),
    relations: of('relation'),
  };
}
