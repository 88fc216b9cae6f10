/** UIDs of PS3.6 table A-1 that the program names itself. Storage classes and transfer syntaxes have tables of their own. */
export const UID = {
  ApplicationContext: '1.2.840.10008.3.1.1.1',
  Verification: '1.2.840.10008.1.1',

  ImplicitVRLittleEndian: '1.2.840.10008.1.2',
  ExplicitVRLittleEndian: '1.2.840.10008.1.2.1',
  DeflatedExplicitVRLittleEndian: '1.2.840.10008.1.2.1.99',
  EncapsulatedUncompressedExplicitVRLittleEndian: '1.2.840.10008.1.2.1.98',
  ExplicitVRBigEndian: '1.2.840.10008.1.2.2',
  JPEGBaseline8Bit: '1.2.840.10008.1.2.4.50',
  JPEGLosslessSV1: '1.2.840.10008.1.2.4.70',
  JPEG2000Lossless: '1.2.840.10008.1.2.4.90',
  RLELossless: '1.2.840.10008.1.2.5',

  PatientRootFind: '1.2.840.10008.5.1.4.1.2.1.1',
  PatientRootMove: '1.2.840.10008.5.1.4.1.2.1.2',
  PatientRootGet: '1.2.840.10008.5.1.4.1.2.1.3',
  StudyRootFind: '1.2.840.10008.5.1.4.1.2.2.1',
  StudyRootMove: '1.2.840.10008.5.1.4.1.2.2.2',
  StudyRootGet: '1.2.840.10008.5.1.4.1.2.2.3',
  PatientStudyOnlyFind: '1.2.840.10008.5.1.4.1.2.3.1',
  PatientStudyOnlyMove: '1.2.840.10008.5.1.4.1.2.3.2',
  PatientStudyOnlyGet: '1.2.840.10008.5.1.4.1.2.3.3',
  CompositeInstanceRootMove: '1.2.840.10008.5.1.4.1.2.4.2',
  CompositeInstanceRootGet: '1.2.840.10008.5.1.4.1.2.4.3',
  CompositeInstanceWithoutBulkDataGet: '1.2.840.10008.5.1.4.1.2.5.3',
  ModalityWorklistFind: '1.2.840.10008.5.1.4.31',

  StorageCommitmentPushModel: '1.2.840.10008.1.20.1',
  StorageCommitmentPushModelInstance: '1.2.840.10008.1.20.1.1',
  InstanceAvailabilityNotification: '1.2.840.10008.5.1.4.33',
  ModalityPerformedProcedureStep: '1.2.840.10008.3.1.2.3.3',
  MediaStorageDirectoryStorage: '1.2.840.10008.1.3.10',

  CTImageStorage: '1.2.840.10008.5.1.4.1.1.2',
  MRImageStorage: '1.2.840.10008.5.1.4.1.1.4',
  SecondaryCaptureImageStorage: '1.2.840.10008.5.1.4.1.1.7',
  TwelveLeadECGWaveformStorage: '1.2.840.10008.5.1.4.1.1.9.1.1',
  KeyObjectSelectionDocumentStorage: '1.2.840.10008.5.1.4.1.1.88.59',
  EncapsulatedPDFStorage: '1.2.840.10008.5.1.4.1.1.104.1',
  EncapsulatedCDAStorage: '1.2.840.10008.5.1.4.1.1.104.2',
} as const;

/** Our Implementation Class UID (PS3.7 D.3.3.2), derived from a UUID. */
export const KUVA_IMPLEMENTATION_CLASS_UID = '2.25.84790737088612584159831067214161140471';

/**
 * Our Implementation Version Name. It belongs to the format that the file writer makes, not to the release: objects are named by
 * the digest of the whole file, so the same data set must give the same file for as long as the name stays the same.
 */
export const KUVA_IMPLEMENTATION_VERSION_NAME = 'KUVA_1';
