import { closest, distance } from 'fastest-levenshtein';
import { keywords, tagOf } from '../dicom/dictionary.ts';
import { UsageError } from './exit-codes.ts';

/**
 * Keyword to value, of `Keyword=value` or `Keyword` for a key that is only to be returned. A keyword that is not in the dictionary would be
 * left out of the request, which then matches everything.
 * @throws UsageError naming the keyword that may have been meant
 */
export function parseFindKeys(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const [keyword = '', ...value] = text.split('=');
      if (tagOf(keyword) === undefined) throw unknownKeyword(keyword);
      return [keyword, value.join('=')];
    }),
  );
}

function unknownKeyword(keyword: string): UsageError {
  const known = keywords();
  const wanted = keyword.toLowerCase();
  const same = known.find((candidate) => candidate.toLowerCase() === wanted);
  const near = same ?? closest(keyword, known);
  const meant = same !== undefined || distance(keyword, near) <= Math.max(2, Math.floor(keyword.length / 4));
  return new UsageError(
    `--key ${keyword}: not a keyword of the data dictionary (PS3.6); ${meant ? `did you mean ${near}?` : 'write such as PatientID or StudyDate'}`,
  );
}
