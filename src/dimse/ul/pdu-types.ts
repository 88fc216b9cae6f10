/** PS3.8 9.3: PDU types. */
export const PDU = {
  AssociateRQ: 0x01,
  AssociateAC: 0x02,
  AssociateRJ: 0x03,
  PDataTF: 0x04,
  ReleaseRQ: 0x05,
  ReleaseRP: 0x06,
  Abort: 0x07,
} as const;

/** PS3.8 table 9-26: A-ABORT source. */
export const ABORT_SOURCE = { ServiceUser: 0, ServiceProvider: 2 } as const;

/** PS3.8 table 9-26: A-ABORT reason when the source is the service-provider; 0 otherwise. */
export const ABORT_REASON = {
  NotSpecified: 0,
  UnrecognizedPdu: 1,
  UnexpectedPdu: 2,
  UnrecognizedParameter: 4,
  UnexpectedParameter: 5,
  InvalidParameter: 6,
} as const;

/** PS3.7 A.2.1: the only application context there is. */
export const DICOM_APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** PDU type and length, PS3.8 9.3.1. */
export const PDU_HEADER = 6;
/** Item length, presentation context id and message control header, PS3.8 9.3.5.1. */
export const PDV_HEADER = 6;

const ABORT_REASON_TEXT = [
  'reason not specified',
  'unrecognized PDU',
  'unexpected PDU',
  'reserved reason',
  'unrecognized PDU parameter',
  'unexpected PDU parameter',
  'invalid PDU parameter value',
];

/** A-ABORT source and reason in words. */
export function abortText(source: number, reason: number): string {
  if (source === ABORT_SOURCE.ServiceUser) return 'by the application';
  return ABORT_REASON_TEXT[reason] ?? `reason ${reason}`;
}

const REJECT_TEXT: Readonly<Record<string, string>> = {
  '1/1': 'no reason given',
  '1/2': 'application context name not supported',
  '1/3': 'calling AE title not recognized',
  '1/7': 'called AE title not recognized',
  '2/1': 'no reason given (ACSE)',
  '2/2': 'protocol version not supported',
  '3/1': 'temporary congestion',
  '3/2': 'local limit exceeded',
};

/** A-ASSOCIATE-RJ in words, PS3.8 table 9-21. */
export function rejectText(result: number, source: number, reason: number): string {
  const text = REJECT_TEXT[`${source}/${reason}`] ?? `source ${source} reason ${reason}`;
  return `${text} (${result === 2 ? 'transient' : 'permanent'})`;
}
