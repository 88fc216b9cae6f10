import type { RequestSession } from '../disclosure/request-session.ts';
import type { PatientKey, PermittedStudies } from '../index/disclosure/disclosure-types.ts';
import type { GuestIndex } from '../index/index-service.ts';
import type { GuestSide, RequestGate } from '../retrieve/disclosure-gate.ts';

/**
 * One request of an organisation that has sent objects into studies of others. Of a study that is withheld it is answered what it would be
 * if there were only what it sent itself: from its view, whose studies are its own and are decided about and logged as such. A study of its
 * own in which some of its objects lie under SOP Instance UIDs of others is answered from there as well.
 */
export async function gateWithGuests(
  archive: RequestSession,
  view: GuestIndex,
  registers: Parameters<RequestSession['beside']>[0],
): Promise<RequestGate> {
  const own = archive.beside({
    ...registers,
    ofStudies: (studyUids, known) => view.read('disclosureOfStudies', studyUids, known),
    ofPatients: (patients, rejectedToo, known) => view.read('disclosureOfPatients', patients, rejectedToo, known),
  });
  const studies = await view.read('guestStudies');
  const others = studies.filter(({ isOwn }) => !isOwn).map(({ studyInstanceUid }) => studyInstanceUid);
  const seen = await archive.wouldPermit(others);
  own.leaveOut(seen);
  archive.leaveOut(new Set(studies.filter(({ isOwn }) => isOwn).map(({ studyInstanceUid }) => studyInstanceUid)));

  const both: Pick<RequestGate, 'reveal' | 'undelivered'> = {
    // The last word of the request comes after what is on record of it.
    reveal: async (studyUids, last) => {
      await own.reveal(studyUids);
      await archive.reveal(studyUids, last);
    },
    undelivered: async (reason) => {
      await own.undelivered(reason);
      await archive.undelivered(reason);
    },
  };
  const gateOf = (session: RequestSession, other: RequestSession): GuestSide['gate'] => ({
    isOpen: session.isOpen,
    keepsLog: session.keepsLog,
    learn: (facts) => session.learn(facts),
    permitted: (studyUids) => session.permitted(studyUids),
    permittedOf: (patients, rejectedToo) => permittedOfBoth(session, other, patients, rejectedToo),
    ...both,
  });
  return { ...gateOf(archive, own), guests: { index: view, gate: gateOf(own, archive) } };
}

/** Patients of `session`, with the counts of both: a patient is one, wherever the studies are answered from. */
async function permittedOfBoth(
  session: RequestSession,
  other: RequestSession,
  patients: readonly PatientKey[],
  rejectedToo: boolean,
): Promise<(PermittedStudies | undefined)[]> {
  const [here, there] = await Promise.all([
    session.permittedOf(patients, rejectedToo),
    other.permittedOf(patients, rejectedToo),
  ]);
  return here.map((one, at) => {
    const more = there[at];
    if (one === undefined || more === undefined) return one;
    return {
      studyUids: [...one.studyUids, ...more.studyUids],
      series: one.series + more.series,
      instances: one.instances + more.instances,
      isWhole: one.isWhole && more.isWhole,
    };
  });
}
