import { text } from '../dicom/data-set.ts';
import type { Element } from '../dicom/data-set.ts';
import { tagOf, vrOf } from '../dicom/dictionary.ts';
import type { Profile } from '../profile/profile.ts';
import type { PriorSubject } from './prior-reference.ts';

/** What a request says of who asks: its author, in the service event that it belongs to. '' when it says neither. */
export function claimOf(profile: Profile, { author, serviceEvent }: PriorSubject): string {
  const { separator, assign, fields, defaultPurpose } = profile.disclosure.asker;
  const said = [
    [fields.person, author],
    [fields.purpose, author === '' ? '' : defaultPurpose],
    [fields.serviceEvent, serviceEvent],
  ] as const;
  return said
    .map(([name, value]) => [name, value.split(separator).join(' ').split(assign).join(' ').trim()] as const)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}${assign}${value}`)
    .join(separator);
}

/** The agreed attribute in which a request's identifier carries it; none when nothing is agreed, or nothing said. */
export function claimElements(profile: Profile, claim: string): Element[] {
  const { queryAttribute } = profile.disclosure.asker;
  const tag = queryAttribute === null ? undefined : tagOf(queryAttribute);
  const vr = tag === undefined ? undefined : vrOf(tag);
  if (tag === undefined || vr === undefined || vr === 'SQ' || claim === '') return [];
  return [text(tag, vr, claim, 'ISO_IR 192')];
}
