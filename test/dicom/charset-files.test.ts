import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../../src/dicom/character-sets.ts';
import { decodeDataSet, getString, type DataSet } from '../../src/dicom/data-set.ts';
import { isPrivate } from '../../src/dicom/dictionary.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { trimValues } from '../../src/dicom/value-padding.ts';
import { VR_TRAITS, type VR } from '../../src/dicom/vr-table.ts';
import { textsByPydicom } from './pydicom.ts';
import { sampleDataSets } from './sample-data-sets.ts';

interface Text {
  readonly tag: number;
  readonly vr: VR;
  readonly charset: string;
  readonly bytes: Buffer;
}

const WITH_TEXT: ReadonlySet<VR> = new Set(['PN', 'LO', 'SH', 'ST', 'LT', 'UT']);

function textsOf(dataSet: DataSet, inherited: string): Text[] {
  const charset = getString(dataSet, TAG.SpecificCharacterSet, '') ?? inherited;
  return [...dataSet.values()].flatMap((element): Text[] => {
    if (element.vr === 'SQ') return element.items.flatMap((item) => textsOf(item, charset));
    return WITH_TEXT.has(element.vr) && !isPrivate(element.tag)
      ? [{ tag: element.tag, vr: element.vr, charset, bytes: element.bytes }]
      : [];
  });
}

const files = sampleDataSets().filter(({ name }) => name.startsWith('charset_files'));
const oracle = textsByPydicom(files.map(({ path }) => path));

// pydicom writes a person name without its empty last groups.
const plain = (text: string, vr: VR): string => (vr === 'PN' ? text.replace(/=+$/, '') : text);

// These go back to ASCII where nothing asks for it, or to another set than the first (PS3.5 6.1.2.5.3): valid to read, not what is written.
const NOT_CANONICAL = /Korean|SQEncoding/;

describe.each(files)('$name', ({ path, dataSet, transferSyntaxUid }) => {
  const texts = textsOf(decodeDataSet(dataSet, transferSyntaxUid), '');

  it('decodes as pydicom does', () => {
    const ours = texts.map(({ tag, vr, charset, bytes }) => [
      tag,
      plain(trimValues(decodeText(bytes, charset, vr), vr), vr),
    ]);
    const theirs = oracle[path]!.map(([tag, value], index) => [
      tag,
      plain(trimValues(value, texts[index]?.vr ?? 'LO'), texts[index]?.vr ?? 'LO'),
    ]);
    expect(ours.length).toBeGreaterThan(0);
    expect(ours).toEqual(theirs);
  });

  it('encodes to the same text again, and to the same bytes where there is one way', () => {
    for (const { vr, charset, bytes } of texts) {
      const text = trimValues(decodeText(bytes, charset, vr), vr);
      const coded = encodeText(text, charset, vr);
      expect(coded).toBeDefined();
      if (!NOT_CANONICAL.test(path))
        expect(trimValues(coded!.toString('latin1'), vr)).toBe(trimValues(bytes.toString('latin1'), vr));
      expect(decodeText(coded!, charset, vr)).toBe(text);
    }
  });
});

it('covers every file and every multi-byte character set of the package', () => {
  expect(files.length).toBeGreaterThanOrEqual(15);
  const charsets = new Set(
    files.flatMap(({ dataSet, transferSyntaxUid }) =>
      textsOf(decodeDataSet(dataSet, transferSyntaxUid), '').map(({ charset }) => charset),
    ),
  );
  for (const needed of [
    '\\ISO 2022 IR 87',
    'ISO 2022 IR 13\\ISO 2022 IR 87',
    '\\ISO 2022 IR 149',
    'ISO_IR 192',
    'GB18030',
  ])
    expect(charsets).toContain(needed);
  expect(VR_TRAITS.PN.charset).toBe(true);
});
