export const REPORT_LANGUAGES = ['fi', 'sv', 'en'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

interface ReportTexts {
  readonly title: string;
  readonly intro: string;
  readonly columns: readonly string[];
  readonly logs: Readonly<Record<'use' | 'disclosure', string>>;
  readonly none: string;
  readonly older: string;
  readonly refusalTitle: string;
  readonly refusal: string;
  readonly ground: string;
  readonly remedy: string;
}

/** What the patient reads. `{…}` are filled in. */
export const REPORT_TEXTS: Readonly<Record<ReportLanguage, ReportTexts>> = {
  fi: {
    title: 'Selvitys tietojen käytöstä ja luovutuksista',
    intro: 'Henkilötunnus {person}. Ajalta {from} – {to}. Laadittu {made}, {node}.',
    columns: [
      'aika',
      'laji',
      'organisaatio',
      'henkilö',
      'rooli',
      'tapahtuma',
      'tieto',
      'rekisterinpitäjä',
      'saaja',
      'tarkoitus',
      'peruste',
    ],
    logs: { use: 'käyttö', disclosure: 'luovutus' },
    none: 'Lokissa ei ole merkintöjä tältä ajalta.',
    older:
      'Lisäksi on {count} vanhempaa merkintää. Yli {years} vuotta vanhemmat tiedot annetaan vain erityisestä syystä.',
    refusalTitle: 'Todistus lokitietojen antamisesta kieltäytymisestä',
    refusal:
      'Henkilötunnus {person}. Pyyntöönne saada lokitietoja ei ole suostuttu, tai siihen on suostuttu vain osaksi. Annettu {made}, {node}.',
    ground: 'Peruste: {reason}',
    remedy: 'Voitte saattaa asian tietosuojavaltuutetun käsiteltäväksi.',
  },
  sv: {
    title: 'Utredning över användning och utlämnande av uppgifter',
    intro: 'Personbeteckning {person}. För tiden {from} – {to}. Upprättad {made}, {node}.',
    columns: [
      'tid',
      'slag',
      'organisation',
      'person',
      'roll',
      'händelse',
      'uppgift',
      'personuppgiftsansvarig',
      'mottagare',
      'ändamål',
      'grund',
    ],
    logs: { use: 'användning', disclosure: 'utlämnande' },
    none: 'Loggen har inga anteckningar för denna tid.',
    older: 'Dessutom finns {count} äldre anteckningar. Uppgifter äldre än {years} år lämnas bara ut av särskilda skäl.',
    refusalTitle: 'Intyg över vägran att lämna ut logguppgifter',
    refusal:
      'Personbeteckning {person}. Er begäran om logguppgifter har inte bifallits, eller har bifallits endast delvis. Utfärdat {made}, {node}.',
    ground: 'Grund: {reason}',
    remedy: 'Ni kan föra ärendet till dataombudsmannen för behandling.',
  },
  en: {
    title: 'Report on use and disclosure of data',
    intro: 'Personal identity code {person}. For the time {from} – {to}. Made {made}, {node}.',
    columns: [
      'time',
      'kind',
      'organisation',
      'person',
      'role',
      'event',
      'item',
      'controller',
      'recipient',
      'purpose',
      'basis',
    ],
    logs: { use: 'use', disclosure: 'disclosure' },
    none: 'The log has no entries of this time.',
    older: 'There are {count} older entries. Data older than {years} years are given only for a special reason.',
    refusalTitle: 'Certificate of refusal to give log data',
    refusal:
      'Personal identity code {person}. Your request for log data has not been granted, or only in part. Issued {made}, {node}.',
    ground: 'Ground: {reason}',
    remedy: 'You may bring the matter before the Data Protection Ombudsman.',
  },
};
