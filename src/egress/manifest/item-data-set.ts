import { sequence, text } from '../../dicom/data-set.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
import { tagOf, vrOf } from '../../dicom/dictionary.ts';
import type { HeaderItem } from '../../dicom/header-reader.ts';

/** A data set from attributes by keyword, with text in a character set (raw (0008,0005) value). */
export function itemDataSet(item: HeaderItem, charset: string): DataSet {
  const dataSet: DataSet = new Map();
  for (const [keyword, value] of Object.entries(item)) {
    const element = elementOf(keyword, value, charset);
    dataSet.set(element.tag, element);
  }
  return dataSet;
}

function elementOf(keyword: string, value: HeaderItem[string], charset: string): Element {
  const tag = tagOf(keyword);
  const vr = tag === undefined ? undefined : vrOf(tag);
  if (tag === undefined || vr === undefined) throw new TypeError(`${keyword} is not in the data dictionary`);
  if (typeof value !== 'string')
    return sequence(
      tag,
      value.map((inner) => itemDataSet(inner, charset)),
    );
  if (vr === 'SQ') throw new TypeError(`${keyword} is a sequence`);
  return text(tag, vr, value, charset);
}

/** Every text of an item, at all levels. */
export function* textsOf(item: HeaderItem): Generator<string> {
  for (const value of Object.values(item)) {
    if (typeof value === 'string') yield value;
    else for (const inner of value) yield* textsOf(inner);
  }
}
