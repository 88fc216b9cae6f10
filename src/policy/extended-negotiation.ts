import type { ExtendedNegotiation } from '../dimse/ul/associate-types.ts';
import { serviceOf } from './sop-class-services.ts';
import type { StorageChoice } from './sop-class-services.ts';

// PS3.4 C.5.1.1.1: relational queries, combined date-time matching, fuzzy matching of names, timezone adjustment; byte 5 (enhanced multi-frame
// image conversion) is never done.
const FIND = [1, 1, 1, 1, 0];

// PS3.4 C.5.2.1.1 and C.5.3.1.1: relational retrieval; enhanced multi-frame image conversion is never done.
const RETRIEVE = [1, 0];

// PS3.4 B.3.1.4: level 2 (full) storage SCP, digital signature level 3 (bits preserved), no coercion; every second byte reserved.
const STORE = Buffer.from([2, 0, 3, 0, 0, 0]);

/** Answers to SOP Class Extended Negotiation (PS3.7 D.3.3.5): for each option both sides must want it. */
export function answerExtended(
  requested: readonly ExtendedNegotiation[],
  choice: StorageChoice,
): ExtendedNegotiation[] {
  const seen = new Set<string>();
  return requested.flatMap(({ sopClassUID, information }) => {
    if (seen.has(sopClassUID)) {
      return [];
    }
    seen.add(sopClassUID);
    switch (serviceOf(sopClassUID, choice, [])) {
      case 'find':
        return [{ sopClassUID, information: common(information, FIND) }];
      case 'move':
      case 'get':
        return [{ sopClassUID, information: common(information, RETRIEVE) }];
      case 'store':
        return [{ sopClassUID, information: STORE }];
      default:
        return [];
    }
  });
}

function common(asked: Buffer, supported: readonly number[]): Buffer {
  return Buffer.from(supported.slice(0, asked.length).map((ours, i) => (asked[i] === 1 && ours === 1 ? 1 : 0)));
}
