import { tagOf, vrOf } from './dictionary.ts';
import type { VR } from './vr-table.ts';

/** One attribute that the header reader keeps; `items` for a sequence: what it keeps of each item. */
export interface HeaderAttribute {
  readonly tag: number;
  readonly keyword: string;
  readonly vr: VR;
  readonly items: HeaderAttributes | undefined;
}

export type HeaderAttributes = ReadonlyMap<number, HeaderAttribute>;

type Sequences = Readonly<Record<string, HeaderAttributes>>;

function attributes(keywords: string, sequences: Sequences = {}): HeaderAttributes {
  // Each item may have a character set of its own (PS3.5 7.5.3).
  const names = [
    'SpecificCharacterSet',
    ...keywords.split(/\s+/).filter((name) => name !== ''),
    ...Object.keys(sequences),
  ];
  return new Map(
    [...new Set(names)].map((keyword): [number, HeaderAttribute] => {
      const tag = tagOf(keyword);
      const vr = tag === undefined ? undefined : vrOf(tag);
      if (tag === undefined || vr === undefined) throw new TypeError(`${keyword} is not in the data dictionary`);
      return [tag, { tag, keyword, vr, items: sequences[keyword] }];
    }),
  );
}

// PS3.3 tables 8.8-1, 10-17 and 10-11.
const CODE = attributes('CodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning LongCodeValue URNCodeValue');
const ISSUER = attributes('LocalNamespaceEntityID UniversalEntityID UniversalEntityIDType');
const REFERENCE = attributes('ReferencedSOPClassUID ReferencedSOPInstanceUID');
const PATIENT_ID_QUALIFIERS = attributes('UniversalEntityID UniversalEntityIDType IdentifierTypeCode');

const OTHER_PATIENT_ID = attributes('PatientID IssuerOfPatientID TypeOfPatientID', {
  IssuerOfPatientIDQualifiersSequence: PATIENT_ID_QUALIFIERS,
});

const REQUEST = attributes(
  `AccessionNumber StudyInstanceUID RequestedProcedureID RequestedProcedureDescription ScheduledProcedureStepID
   ScheduledProcedureStepDescription ReasonForTheRequestedProcedure PlacerOrderNumberImagingServiceRequest
   FillerOrderNumberImagingServiceRequest RequestingService RequestingPhysician`,
  {
    IssuerOfAccessionNumberSequence: ISSUER,
    ReferencedStudySequence: REFERENCE,
    RequestedProcedureCodeSequence: CODE,
    ScheduledProtocolCodeSequence: CODE,
    ReasonForRequestedProcedureCodeSequence: CODE,
  },
);

/**
 * What the index matches on and returns, and what the rules look at: the keys of PS3.4 C.6.1 and C.6.2 at all levels, with the optional
 * ones in common use. Everything else in a header is passed over without being read.
 */
export const HEADER_ATTRIBUTES: HeaderAttributes = attributes(
  `SpecificCharacterSet TimezoneOffsetFromUTC

   PatientName PatientID IssuerOfPatientID TypeOfPatientID PatientBirthDate PatientBirthTime PatientSex OtherPatientIDs OtherPatientNames
   EthnicGroup PatientComments PatientIdentityRemoved

   StudyInstanceUID StudyDate StudyTime AccessionNumber StudyID ReferringPhysicianName StudyDescription NameOfPhysiciansReadingStudy
   PhysiciansOfRecord AdmittingDiagnosesDescription PatientAge PatientSize PatientWeight Occupation AdditionalPatientHistory
   MedicalAlerts Allergies SmokingStatus PregnancyStatus PatientState AdmissionID ServiceEpisodeID ServiceEpisodeDescription
   RequestingPhysician RequestingService StudyComments ReasonForStudy RequestedProcedureDescription CurrentPatientLocation

   SeriesInstanceUID SeriesNumber Modality SeriesDescription SeriesDate SeriesTime BodyPartExamined Laterality PatientPosition
   StationName InstitutionName InstitutionAddress InstitutionalDepartmentName Manufacturer ManufacturerModelName DeviceSerialNumber
   SoftwareVersions PerformingPhysicianName OperatorsName ProtocolName PresentationIntentType PerformedProcedureStepStartDate
   PerformedProcedureStepStartTime PerformedProcedureStepEndDate PerformedProcedureStepEndTime PerformedProcedureStepID
   PerformedProcedureStepDescription PerformedStationAETitle PerformedStationName PerformedLocation FrameOfReferenceUID

   SOPInstanceUID SOPClassUID InstanceNumber AcquisitionNumber InstanceCreationDate InstanceCreationTime ContentDate ContentTime
   AcquisitionDate AcquisitionTime AcquisitionDateTime ImageType ImageLaterality ImageComments ContrastBolusAgent ConversionType
   Rows Columns BitsAllocated BitsStored SamplesPerPixel PhotometricInterpretation PixelRepresentation NumberOfFrames BurnedInAnnotation
   LossyImageCompression DerivationDescription

   ValueType CompletionFlag CompletionFlagDescription VerificationFlag VerificationDateTime PreliminaryFlag DocumentTitle
   HL7InstanceIdentifier ContentLabel ContentDescription PresentationCreationDate PresentationCreationTime ContentCreatorName`,
  {
    IssuerOfPatientIDQualifiersSequence: PATIENT_ID_QUALIFIERS,
    OtherPatientIDsSequence: OTHER_PATIENT_ID,
    IssuerOfAccessionNumberSequence: ISSUER,
    IssuerOfAdmissionIDSequence: ISSUER,
    IssuerOfServiceEpisodeIDSequence: ISSUER,
    ProcedureCodeSequence: CODE,
    RequestedProcedureCodeSequence: CODE,
    AdmittingDiagnosesCodeSequence: CODE,
    ReferencedStudySequence: REFERENCE,
    InstitutionCodeSequence: CODE,
    InstitutionalDepartmentTypeCodeSequence: CODE,
    SeriesDescriptionCodeSequence: CODE,
    AnatomicRegionSequence: CODE,
    PerformedProtocolCodeSequence: CODE,
    RequestAttributesSequence: REQUEST,
    ReferencedRequestSequence: REQUEST,
    ReferencedPerformedProcedureStepSequence: REFERENCE,
    ConceptNameCodeSequence: CODE,
    ContentTemplateSequence: attributes('MappingResource TemplateIdentifier'),
    VerifyingObserverSequence: attributes('VerifyingObserverName VerifyingOrganization VerificationDateTime'),
  },
);
