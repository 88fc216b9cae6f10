import type { AuditedStudy } from './events/study-objects.ts';

/** Counts instances by study and SOP class. */
export class StudyTally {
  readonly #studies = new Map<string, { readonly patientId: string; readonly classes: Map<string, number> }>();

  add(instance: { readonly studyInstanceUid: string; readonly patientId: string; readonly sopClassUid: string }): void {
    let study = this.#studies.get(instance.studyInstanceUid);
    if (study === undefined) {
      study = { patientId: instance.patientId, classes: new Map() };
      this.#studies.set(instance.studyInstanceUid, study);
    }
    study.classes.set(instance.sopClassUid, (study.classes.get(instance.sopClassUid) ?? 0) + 1);
  }

  studies(): AuditedStudy[] {
    return [...this.#studies].map(([studyInstanceUid, { patientId, classes }]) => ({
      studyInstanceUid,
      patientId,
      sopClasses: [...classes].map(([uid, instances]) => ({ uid, instances })),
    }));
  }
}
