import type { AuditedStudy } from './events/study-objects.ts';

interface Counted {
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly sopClassUid: string;
}

/** Counts instances by study, patient and SOP class: a message tells of one patient. */
export class StudyTally {
  readonly #studies = new Map<string, Omit<AuditedStudy, 'sopClasses'> & { readonly classes: Map<string, number> }>();

  add({ studyInstanceUid, patientId, sopClassUid }: Counted, instances = 1): void {
    const key = `${studyInstanceUid}\0${patientId}`;
    let study = this.#studies.get(key);
    if (study === undefined) this.#studies.set(key, (study = { studyInstanceUid, patientId, classes: new Map() }));
    study.classes.set(sopClassUid, (study.classes.get(sopClassUid) ?? 0) + instances);
  }

  studies(): AuditedStudy[] {
    return [...this.#studies.values()].map(({ studyInstanceUid, patientId, classes }) => ({
      studyInstanceUid,
      patientId,
      sopClasses: [...classes].map(([uid, instances]) => ({ uid, instances })),
    }));
  }
}
