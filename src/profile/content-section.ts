import { z } from 'zod';
import { flag, line, uid } from '../config/fields.ts';
import { day, word, words } from './profile-fields.ts';

const contentType = z.strictObject({
  name: word(),
  title: line(100),
  /** Whether the archive takes it. */
  enabled: flag(),
  /** The first day on which it may be archived. */
  availableFrom: day(),
  /** A series belongs to the first type that names its SOP class; when none does, to the first that names its modality. */
  sopClasses: z.array(uid(), { error: 'write a list of UIDs' }),
  modalities: words(),
  /** Examination codes that make a whole study one of this type, whatever its objects are. */
  examinationCodes: words(),
});

/** What kinds of content there are. */
export const contentSection = z.strictObject({
  types: z.array(contentType, { error: 'write a list of content types' }),
  /** Reports, presentation states and the like: they belong to the type of the images or signals beside them. */
  accompanyingModalities: words(),
});
