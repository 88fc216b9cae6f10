import type { DocumentKind } from '../../profile/documents-section.ts';
import type { SampleDocument } from './sample-cda.ts';

/** A made-up document and the name of its file. */
export interface SampleFile {
  readonly name: string;
  readonly document: SampleDocument;
}

// The fictitious code lists of the profile.
const RADIOLOGY = '1.2.246.10.90000003.6.4';
const ECG = '1.2.246.10.90000003.6.2';

// 900-series personal identity codes are nobody's; 2.999 is the OID arc for examples, and business ids from 9000001 on are given to nobody.
const PERSONS = [
  {
    language: 'fi',
    patient: { id: '010181-900C', family: 'Testinen', given: 'Aino Fiktiivinen', birthDate: '19810101', sex: 'F' },
    examination: { code: 'ZA1AD', codeSystem: RADIOLOGY, displayName: 'Keksitty pään TT' },
    controller: { oid: '1.2.246.10.90000011.19.0', name: 'Keksitty hyvinvointialue' },
  },
  {
    language: 'sv',
    patient: { id: '010594Y9032', family: 'Exempelsson', given: 'Åke Påhittad', birthDate: '19940501', sex: 'M' },
    examination: { code: 'ZZ9EA', codeSystem: ECG, displayName: 'Påhittat vilo-EKG' },
    controller: { oid: '1.2.246.10.90000011.19.0', name: 'Påhittade välfärdsområdet' },
  },
  {
    language: 'en',
    patient: { id: '010516B903X', family: 'Sample', given: 'Minor Fictitious', birthDate: '20160501', sex: 'M' },
    examination: { code: 'ZN1AA', codeSystem: RADIOLOGY, displayName: 'Made-up limb X-ray' },
    controller: { oid: '1.2.246.10.90000038.19.0', name: 'Made-up Clinic Ltd' },
  },
] as const;

const KINDS: readonly DocumentKind[] = ['request', 'entry', 'statement'];

/** Request, entry and statement of three people, in Finnish, Swedish and English; a second version, a delayed and a minor's one. */
export function sampleSet(): SampleFile[] {
  return PERSONS.flatMap((person, index) => {
    const root = `${person.controller.oid.replace('.19.0', '')}.11.2026.${index + 1}`;
    const documents = KINDS.map((kind, at): SampleDocument => ({
      kind,
      language: person.language,
      oid: `${root}.${at + 1}.1`,
      setId: `${root}.${at + 1}`,
      version: 1,
      patient: person.patient,
      controllerOid: person.controller.oid,
      controllerName: person.controller.name,
      registerCode: '2',
      serviceEventOid: `${person.controller.oid.replace('.19.0', '')}.14.2026.${index + 1}`,
      accessionNumber: `ACC90000${index + 1}`,
      ...(kind === 'request' ? {} : { studyUid: `2.999.246.5.${index + 1}` }),
      examination: person.examination,
      time: `2026010${at + 2}12000${index}+0200`,
      ...(kind === 'statement' && index === 1 ? { displayFrom: '20260201' } : {}),
      ...(index === 2 ? { minorCapacity: 2 } : {}),
    }));
    const [, , statement] = documents;
    const second: SampleDocument[] =
      index === 0 && statement !== undefined
        ? [
            {
              ...statement,
              oid: `${statement.setId}.2`,
              version: 2,
              replaces: statement.oid,
              time: '20260105120000+0200',
            },
          ]
        : [];
    return [...documents, ...second].map((document) => ({
      name: `${person.language}-${KINDS.indexOf(document.kind) + 1}-${document.kind}-v${document.version}.xml`,
      document,
    }));
  });
}
