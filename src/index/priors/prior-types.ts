/** A study of a patient, as far as comparison needs it. Dates are YYYYMMDD, '' when the study has none. */
export interface PriorStudy {
  readonly studyInstanceUid: string;
  readonly studyDate: string;
  readonly studyDescription: string;
  readonly procedureCodes: readonly { readonly value: string; readonly scheme: string }[];
  readonly modalities: readonly string[];
  readonly organisation: string | null;
  /** Of the document feed; '' when it has not said. */
  readonly controllerOid: string;
  /** Until when (ms since 1970 UTC) it is kept as a copy; null when it is no copy. */
  readonly copyUntil: number | null;
}

/** An instance of a copy. `isFetched`: the archive sent it. */
export interface CopyInstance {
  readonly instanceId: number;
  readonly sha256: string;
  readonly isFetched: boolean;
}

/** A study of the archive's that was fetched for comparison. Times are ms since 1970 UTC. */
export interface StudyCopy {
  readonly studyInstanceUid: string;
  /** Name of the archive in the configuration. */
  readonly source: string;
  readonly fetchedAt: number;
  readonly expiresAt: number;
  /** OID of the request, or UID of the study, that it was fetched for. */
  readonly fetchedFor: string;
}

/** A new request where a comparable examination is not long ago. */
export interface DuplicateHint {
  readonly requestOid: string;
  readonly patientId: string;
  readonly requestedCode: string;
  readonly requestedAt: number;
  readonly studyInstanceUid: string;
  /** Of the earlier study; '' when it is not here any more. */
  readonly studyDate: string;
  readonly studyDescription: string;
  readonly codePrefix: string;
  readonly raisedAt: number;
  readonly seenAt: number | null;
}
