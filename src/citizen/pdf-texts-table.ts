export interface PdfTexts {
  readonly name: string;
  readonly id: string;
  readonly made: string;
  readonly authors: string;
  readonly controller: string;
  readonly examination: string;
  readonly document: string;
  readonly version: string;
  readonly note: string;
}

/** Labels on the printed document, in the document's language. */
export const PDF_TEXTS: Readonly<Record<'fi' | 'sv' | 'en', PdfTexts>> = {
  fi: {
    name: 'Nimi',
    id: 'Henkilötunnus',
    made: 'Laadittu',
    authors: 'Laatija',
    controller: 'Rekisterinpitäjä',
    examination: 'Tutkimus',
    document: 'Asiakirja',
    version: 'versio',
    note: 'Tuloste asiakirjasta. Alkuperäinen on rekisterinpitäjän arkistossa.',
  },
  sv: {
    name: 'Namn',
    id: 'Personbeteckning',
    made: 'Upprättad',
    authors: 'Upprättad av',
    controller: 'Personuppgiftsansvarig',
    examination: 'Undersökning',
    document: 'Handling',
    version: 'version',
    note: 'Utskrift av en handling. Originalet finns i den personuppgiftsansvariges arkiv.',
  },
  en: {
    name: 'Name',
    id: 'Personal identity code',
    made: 'Made',
    authors: 'Author',
    controller: 'Controller',
    examination: 'Examination',
    document: 'Document',
    version: 'version',
    note: "A print of the document. The original is in the controller's archive.",
  },
};
