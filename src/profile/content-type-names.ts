import type { z } from 'zod';
import type { certificationSection } from './certification-section.ts';
import type { codesSection } from './codes-section.ts';
import type { contentSection } from './content-section.ts';

interface NamingSections {
  readonly content: z.output<typeof contentSection>;
  readonly codes: z.output<typeof codesSection>;
  readonly certification: z.output<typeof certificationSection>;
}

/** Content types that sections name must be among those that the profile declares. */
export function checkContentTypes(profile: NamingSections, context: z.core.$RefinementCtx): void {
  const known = profile.content.types.map(({ name }) => name);
  const message = `write one of content.types: ${known.join(', ')}`;
  const check = (names: readonly string[], path: readonly (string | number)[]): void =>
    names.forEach((name, at) => {
      if (!known.includes(name)) context.addIssue({ code: 'custom', path: [...path, at], message, input: name });
    });
  profile.codes.lists.forEach((list, at) => check(list.contentTypes, ['codes', 'lists', at, 'contentTypes']));
  profile.certification.earliestJointTests.forEach((test, at) =>
    check(test.onlyContentTypes, ['certification', 'earliestJointTests', at, 'onlyContentTypes']),
  );
}
