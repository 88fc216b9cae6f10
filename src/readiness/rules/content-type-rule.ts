import { shownDay } from '../../core/zoned-day.ts';
import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** The archive takes this kind of content, and has begun to. */
export const contentTypeRule: Rule = (_facts, { contentTypes, day }) => {
  if (contentTypes.length === 0)
    return [
      {
        code: 'CONTENT_NOT_ENABLED',
        cause: 'neither SOP classes, modalities nor the examination code tell what kind of content it is',
        remedy: 'add its modality or SOP class to a content type of the profile',
        subject: SUBJECT.profile,
      },
    ];
  return contentTypes
    .filter((type) => !type.enabled || day < type.availableFrom)
    .map((type) => ({
      code: 'CONTENT_NOT_ENABLED',
      cause: type.enabled
        ? `the archive takes ${type.name} from ${shownDay(type.availableFrom)}`
        : `the archive does not take ${type.name} (${type.title})`,
      remedy: type.enabled
        ? 'wait for that day'
        : `set enabled: true for content type ${type.name} in the profile when the archive takes it`,
      subject: SUBJECT.profile,
    }));
};
