import { getItems, getString } from '../dicom/data-set.ts';
import type { DataSet } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { QUANTITIES } from './quantities-table.ts';
import type { Quantity } from './quantities-table.ts';

/** Values by the name of the quantity, in its unit. */
export type Doses = ReadonlyMap<string, number>;

/**
 * What a radiation dose report (PS3.16 TID 10001, TID 10011) says. Totals are those of the accumulated data, one container for each plane
 * or breast; what the report has of none, or in a unit that is not known, is left out.
 */
export function readDoseReport(dataSet: DataSet): Doses {
  const doses = new Map<string, number>();
  for (const { quantity, value } of measured(dataSet)) add(doses, quantity, value);
  return doses;
}

/** Two reports of one study together. */
export function together(one: Doses, other: Doses): Doses {
  const doses = new Map(one);
  for (const quantity of QUANTITIES) {
    const value = other.get(quantity.name);
    if (value !== undefined) add(doses, quantity, value);
  }
  return doses;
}

function add(doses: Map<string, number>, { name, taken }: Quantity, value: number): void {
  const before = doses.get(name);
  const both = before === undefined ? value : taken === 'sum' ? before + value : Math.max(before, value);
  doses.set(name, both);
}

/** The measurements of the content tree; how deep it may be is a limit of decoding. */
function* measured(item: DataSet): Generator<{ readonly quantity: Quantity; readonly value: number }> {
  if (text(item, TAG.ValueType) === 'NUM') {
    const code = codeOf(item, TAG.ConceptNameCodeSequence);
    const quantity = QUANTITIES.find((one) => one.code === code);
    const [measurement] = getItems(item, TAG.MeasuredValueSequence);
    const value = quantity === undefined || measurement === undefined ? undefined : inUnit(measurement, quantity);
    if (quantity !== undefined && value !== undefined) yield { quantity, value };
  }
  for (const child of getItems(item, TAG.ContentSequence)) yield* measured(child);
}

function inUnit(measurement: DataSet, { units }: Quantity): number | undefined {
  const unit = codeOf(measurement, TAG.MeasurementUnitsCodeSequence, 'UCUM');
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  const written = text(measurement, TAG.NumericValue);
  const value = Number(written);
  return factor === undefined || written === '' || !Number.isFinite(value) || value < 0 ? undefined : value * factor;
}

function codeOf(item: DataSet, tag: number, scheme = 'DCM'): string {
  const [code] = getItems(item, tag);
  return code === undefined || text(code, TAG.CodingSchemeDesignator) !== scheme ? '' : text(code, TAG.CodeValue);
}

function text(dataSet: DataSet, tag: number): string {
  return getString(dataSet, tag, '') ?? '';
}
