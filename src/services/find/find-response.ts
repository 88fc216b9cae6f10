import { chooseResponseCharset } from '../../dicom/character-sets.ts';
import { dataSetOf, encodeDataSet, sequence, text } from '../../dicom/data-set.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
import { vrOf } from '../../dicom/dictionary.ts';
import { TAG } from '../../dicom/tags.ts';
import type { VR } from '../../dicom/vr-table.ts';
import { VR_TRAITS } from '../../dicom/vr-table.ts';
import type { FindRow } from '../../index/matching/find-query.ts';

/** What every response of one C-FIND has in common. */
export interface FindResponseContext {
  readonly level: string;
  /** the AE title from which the instances can be retrieved: ours */
  readonly retrieveAet: string;
  /** raw (0008,0005) of the request, '' when it had none */
  readonly requestCharset: string;
  readonly transferSyntaxUid: string;
}

// PS3.3 C.12.1.1.2, tables C.12-2 to C.12-5. Other spellings are read, and never answered.
const SINGLE = /^(ISO_IR (13|100|101|109|110|126|127|138|144|148|166|192|203)|GB18030|GBK)$/;
const EXTENDED =
  /^(ISO 2022 IR (6|13|58|87|100|101|109|110|126|127|138|144|148|149|159|166|203))?(\\ISO 2022 IR (6|13|58|87|100|101|109|110|126|127|138|144|148|149|159|166|203))*$/;

/** Whether a raw (0008,0005) is one that a peer can know; '' is none. */
function isDefinedCharset(charset: string): boolean {
  return charset !== '' && (SINGLE.test(charset) || EXTENDED.test(charset));
}

function availabilityOf(row: FindRow): string {
  const value = row[TAG.InstanceAvailability];
  return typeof value === 'string' && value !== '' ? value : 'ONLINE';
}

const NOT_ASCII = /[^\x20-\x7e\t\n\f\r]/;

/**
 * The identifier of one pending response (PS3.4 C.4.1.1.3.2). Its character set is the request's or the stored one, when
 * that can represent every value, else UTF-8; with nothing to represent and none asked for it is left out.
 */
export function encodeFindResponse(row: FindRow, context: FindResponseContext): Buffer {
  const texts = [...textsOf(row)];
  const stored = row[TAG.SpecificCharacterSet];
  const preferred = [context.requestCharset, typeof stored === 'string' ? stored : ''].filter(isDefinedCharset);
  const needed = preferred.includes(context.requestCharset) || texts.some((value) => NOT_ASCII.test(value));
  const charset = needed ? chooseResponseCharset(texts, preferred) : '';

  const dataSet = encodeRow(row, charset);
  dataSet.delete(TAG.SpecificCharacterSet);
  for (const element of [
    ...(charset === '' ? [] : [text(TAG.SpecificCharacterSet, 'CS', charset, '')]),
    text(TAG.QueryRetrieveLevel, 'CS', context.level, ''),
    text(TAG.RetrieveAETitle, 'AE', context.retrieveAet, ''),
    // On our own disk, unless the index says otherwise (PS3.3 C.4.23.1.1).
    text(TAG.InstanceAvailability, 'CS', availabilityOf(row), ''),
  ]) {
    dataSet.set(element.tag, element);
  }
  return encodeDataSet(dataSet, context.transferSyntaxUid);
}

function* textsOf(row: FindRow): Generator<string> {
  for (const value of Object.values(row)) {
    if (typeof value === 'string') yield value;
    else for (const item of value) yield* textsOf(item);
  }
}

function encodeRow(row: FindRow, charset: string): DataSet {
  return dataSetOf(...Object.entries(row).map(([key, value]) => encodeValue(Number(key), value, charset)));
}

function encodeValue(tag: number, value: string | readonly FindRow[], charset: string): Element {
  if (typeof value !== 'string')
    return sequence(
      tag,
      value.map((item) => encodeRow(item, charset)),
    );
  const vr = vrOf(tag) ?? 'UN';
  // A sequence that was asked for and is not known comes back empty.
  if (vr === 'SQ') return sequence(tag, []);
  if (!VR_TRAITS[vr].text) return { tag, vr, bytes: encodeBinary(value, vr) };
  return text(tag, vr, value, charset);
}

const WRITERS: Partial<Record<VR, (bytes: Buffer, value: number) => void>> = {
  US: (bytes, value) => bytes.writeUInt16LE(value),
  SS: (bytes, value) => bytes.writeInt16LE(value),
  UL: (bytes, value) => bytes.writeUInt32LE(value),
  SL: (bytes, value) => bytes.writeInt32LE(value),
  FL: (bytes, value) => bytes.writeFloatLE(value),
  FD: (bytes, value) => bytes.writeDoubleLE(value),
};

/** Numbers in decimal, several joined by a backslash; what is no number of this VR comes back empty. */
function encodeBinary(value: string, vr: VR): Buffer {
  const write = WRITERS[vr];
  if (value === '' || write === undefined) return Buffer.alloc(0);
  try {
    return Buffer.concat(
      value.split('\\').map((part) => {
        const bytes = Buffer.alloc(VR_TRAITS[vr].unit);
        write(bytes, Number(part));
        return bytes;
      }),
    );
  } catch {
    return Buffer.alloc(0);
  }
}
