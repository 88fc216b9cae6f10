import { encodeEntry } from '../../access-log/access-entry.ts';
import { recordEntries } from '../../access-log/access-log.ts';
import { indexLogStore } from '../../access-log/index-log-store.ts';
import { CitizenView } from '../../citizen/citizen-view.ts';
import { ShareLinks } from '../../citizen/share-links.ts';
import type { Config } from '../../config/schema.ts';
import { looksLikeHetu, parseHetu } from '../../identity/hetu.ts';
import type { IndexService } from '../../index/index-service.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import type { Profile } from '../../profile/profile.ts';
import { DocumentStore } from '../../store/document-store.ts';
import { UsageError } from '../exit-codes.ts';
import { existingStorage, withIndex } from '../open-index.ts';

export interface Citizen {
  readonly index: IndexService;
  readonly view: CitizenView;
  readonly shares: ShareLinks;
  readonly profile: Profile;
}

/** The citizen's view on the storage of this node; closed when `work` has ended. */
export async function withCitizen<T>(config: Config, work: (citizen: Citizen) => Promise<T>): Promise<T> {
  const profile = loadProfile(config.profile);
  const documents = await DocumentStore.open(existingStorage(config).documents);
  return withIndex(config, async (index) => {
    const view = new CitizenView({
      registers: {
        documentsOf: (patientId) => index.read('documentList', { patientId, limit: Number.MAX_SAFE_INTEGER }),
        person: (person) => index.read('citizenPerson', person),
        guardians: (child) => index.read('citizenGuardians', child),
        delays: () => index.read('citizenDelays'),
        joinedOn: async (controllerOid) =>
          (await index.read('organisationsOfController', controllerOid))
            .map(({ joinedOn }) => joinedOn)
            .filter((day) => day !== '')
            .sort()[0],
      },
      files: documents,
      rules: profile.citizen,
      record: (entries) => recordEntries(indexLogStore(index), entries),
      node: config.node.aeTitle,
      now: Date.now,
    });
    const shares = new ShareLinks({
      store: {
        add: (share) => index.write('citizenShareAdd', share),
        find: (tokenSha256, at) => index.read('citizenShareFind', tokenSha256, at),
        open: (tokenSha256, at, entries) => index.write('citizenShareOpen', tokenSha256, at, entries.map(encodeEntry)),
      },
      view,
      maxDays: profile.citizen.shareDays,
      now: Date.now,
    });
    return work({ index, view, shares, profile });
  });
}

/** A personal identity code as written. @throws UsageError, which does not repeat it */
export function citizenId(text: string, what = 'the personal identity code'): string {
  const parsed = parseHetu(text);
  if ('hetu' in parsed) return parsed.hetu.text;
  const why = looksLikeHetu(text) ? `its ${parsed.fault} is wrong` : 'it is none';
  throw new UsageError(`${what} is not valid (${why}): write it as 010181-900C`);
}

/** A day as 2026-01-31, to YYYYMMDD. @throws UsageError */
export function dayNamed(option: string, text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(text))
    throw new UsageError(`${option} ${text}: write a day as 2026-01-31`);
  return text.replaceAll('-', '');
}

/** `20260131` as people write it. */
export function dayText(day: string): string {
  return day === '' ? '' : `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
}
