import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagText } from '../../src/dicom/dictionary.ts';
import { decodeDataSet, DataSetError } from '../../src/dicom/data-set.ts';
import { HEADER_ATTRIBUTES } from '../../src/dicom/header-attributes.ts';
import { DEFAULT_HEADER_BYTES, HeaderError, HeaderReader } from '../../src/dicom/header-reader.ts';
import { RecodeError } from '../../src/dicom/element-transcoder.ts';
import { recode } from '../../src/dicom/recode.ts';
import { UID } from '../../src/dicom/uids.ts';
import { sampleDataSets, type SampleDataSet } from './sample-data-sets.ts';

// Directories of fifty alike images add time and nothing else.
const all = sampleDataSets().filter(({ name }) => !name.includes('dicomdirtests'));

/** Header as JSON, or the message of a HeaderError; anything else escapes. */
function outcome(dataSet: Buffer, transferSyntaxUid: string, chunk: number): string {
  const reader = new HeaderReader({ transferSyntaxUid, maxBytes: DEFAULT_HEADER_BYTES });
  for (let at = 0; at < dataSet.length && !reader.push(dataSet.subarray(at, at + chunk)); at += chunk);
  try {
    return JSON.stringify(reader.finish());
  } catch (error) {
    if (error instanceof HeaderError) return error.message;
    throw error;
  }
}

/** Top-level elements of VRs without character set, `(gggg,eeee)` to value, as dcmdump prints them. */
function byDcmdump(path: string): Map<string, string> {
  let text: string;
  try {
    text = execFileSync('dcmdump', ['-q', '-Un', '+L', path], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 26,
    });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT')
      throw new Error('dcmdump is not installed: apt-get install dcmtk', { cause: error });
    text = (error as { stdout: string }).stdout;
  }
  const rows = [
    ...text.matchAll(
      /^\(([0-9a-f]{4},[0-9a-f]{4})\) (?:CS|DA|TM|DT|UI|IS|DS|AE|AS|US) (?:\[(.*?)\]|(\d[\d\\]*)|\(no value available\)) +#/gm,
    ),
  ];
  return new Map(rows.map(([, tag, bracketed, number]) => [`(${tag!.toUpperCase()})`, bracketed ?? number ?? '']));
}

// DCMTK cannot read these, or stops for another reason than we do.
const NOT_COMPARED = new Set(['test_files/SC_rgb_jpeg.dcm', 'test_files/rtplan_truncated.dcm']);

it.each(all)('$name is read alike from chunks of any size', ({ dataSet, transferSyntaxUid }) => {
  const whole = outcome(dataSet, transferSyntaxUid, dataSet.length);
  for (const chunk of [1, 3, 8, 100]) expect(outcome(dataSet, transferSyntaxUid, chunk)).toBe(whole);
});

it.each(all.filter(({ name }) => !NOT_COMPARED.has(name)))(
  '$name has the values that dcmdump shows',
  ({ path, dataSet, transferSyntaxUid }) => {
    const header = JSON.parse(outcome(dataSet, transferSyntaxUid, dataSet.length)) as {
      attributes: Record<string, unknown>;
    };
    const shown = byDcmdump(path);
    const ours = [...HEADER_ATTRIBUTES.values()]
      .filter(({ tag }) => shown.has(tagText(tag)))
      .map(({ tag, keyword }) => [tagText(tag), header.attributes[keyword]]);
    const theirs = ours.map(([tag]) => [
      tag,
      shown
        .get(tag as string)!
        .split('\\')
        .map((value) => value.trim())
        .join('\\'),
    ]);
    expect(ours).toEqual(theirs);
  },
);

describe('spoilt files', () => {
  const small = all.filter(({ dataSet }) => dataSet.length < 20_000);
  const spoilt = fc
    .tuple(
      fc.constantFrom(...small),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 6,
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([sample, changes, cutAt]): SampleDataSet => {
      const end = cutAt < 0.5 ? sample.dataSet.length : Math.floor((cutAt - 0.5) * 2 * sample.dataSet.length);
      const dataSet = Buffer.from(sample.dataSet.subarray(0, end));
      // The header is where a change matters most.
      for (const [place, value] of changes)
        if (dataSet.length > 0) dataSet[Math.floor(place * Math.min(dataSet.length - 1, 2000))] = value;
      return { ...sample, dataSet };
    });

  it('give a header or a HeaderError, the same however they are cut', () => {
    fc.assert(
      fc.property(spoilt, fc.integer({ min: 1, max: 300 }), ({ dataSet, transferSyntaxUid }, chunk) => {
        expect(outcome(dataSet, transferSyntaxUid, chunk)).toBe(
          outcome(dataSet, transferSyntaxUid, Math.max(dataSet.length, 1)),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('give a data set or a DataSetError', () => {
    fc.assert(
      fc.property(spoilt, ({ dataSet, transferSyntaxUid }) => {
        try {
          decodeDataSet(dataSet, transferSyntaxUid);
        } catch (error) {
          expect(error).toBeInstanceOf(DataSetError);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('are re-encoded or give a RecodeError', async () => {
    await fc.assert(
      fc.asyncProperty(
        spoilt,
        fc.constantFrom(UID.ImplicitVRLittleEndian, UID.ExplicitVRBigEndian, UID.DeflatedExplicitVRLittleEndian),
        async ({ dataSet, transferSyntaxUid }, to) => {
          async function* once(): AsyncGenerator<Buffer> {
            yield dataSet;
          }
          let total = 0;
          try {
            for await (const part of recode(once(), transferSyntaxUid, to)) total += part.length;
          } catch (error) {
            expect(error).toBeInstanceOf(RecodeError);
          }
          // Inflating aside, a head grows by 8 bytes at most.
          if (transferSyntaxUid !== UID.DeflatedExplicitVRLittleEndian)
            expect(total).toBeLessThan(dataSet.length * 4 + 64);
        },
      ),
      { numRuns: 400 },
    );
  });
});
