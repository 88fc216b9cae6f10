import type { PatientKey } from '../../index/disclosure/disclosure-types.ts';
import type { DisclosureGate, GatedRequest, RequestGate } from '../disclosure-gate.ts';

/** A gate whose answers a test gives, and that remembers what it was asked and told. */
export class GateThatPermits implements DisclosureGate {
  readonly claimTag: number | undefined;
  readonly begun: GatedRequest[] = [];
  /** Study Instance UIDs as they were put on record; a number for the end of a request. */
  readonly revealed: (string | number)[] = [];
  readonly #permits: (studyUid: string) => boolean;
  readonly #studiesOf: (patient: PatientKey) => readonly string[];

  constructor(
    permits: (studyUid: string) => boolean,
    studiesOf: (patient: PatientKey) => readonly string[] = () => [],
    claimTag?: number,
  ) {
    this.#permits = permits;
    this.#studiesOf = studiesOf;
    this.claimTag = claimTag;
  }

  begin(request: GatedRequest): Promise<RequestGate> {
    this.begun.push(request);
    return Promise.resolve({
      isOpen: false,
      keepsLog: true,
      learn: () => undefined,
      permitted: async (studyUids: readonly string[]) => new Set(studyUids.filter(this.#permits)),
      permittedOf: async (patients: readonly PatientKey[]) =>
        patients.map((patient) => {
          const all = this.#studiesOf(patient);
          const studyUids = all.filter(this.#permits);
          const isWhole = studyUids.length === all.length;
          return studyUids.length === 0
            ? undefined
            : { studyUids, series: studyUids.length * 2, instances: 7, isWhole };
        }),
      undelivered: async (reason: string) => {
        this.revealed.push(`undelivered: ${reason}`);
      },
      reveal: async (studyUids: readonly string[], last?: { readonly items: number }) => {
        this.revealed.push(...new Set(studyUids), ...(last === undefined ? [] : [last.items]));
      },
    });
  }
}
