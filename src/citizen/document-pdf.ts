import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { CareDocument } from '../documents/care-document.ts';
import { PDF_TEXTS } from './pdf-texts-table.ts';
import type { PdfTexts } from './pdf-texts-table.ts';

// The fonts that every PDF reader has lack letters of Finnish names, č and đ among them: these go into the file.
const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const REGULAR = join(FONTS, 'DejaVuSans.ttf');
const BOLD = join(FONTS, 'DejaVuSans-Bold.ttf');

const MARGIN = 56;
const BODY = 10;

/** The care document as a PDF for reading and printing (A4). `withoutIdentity` leaves name and identity code out. */
export async function documentPdf(document: CareDocument, withoutIdentity: boolean): Promise<Buffer> {
  const texts = PDF_TEXTS[languageOf(document)];
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    font: REGULAR,
    lang: document.language,
    info: { Title: document.title, Creator: 'kuva', CreationDate: new Date(document.effectiveTime.ms) },
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve());
    pdf.on('error', reject);
  });
  pdf.font(BOLD).fontSize(16).text(document.title);
  pdf.moveDown(0.5).fontSize(BODY);
  for (const [label, value] of facts(document, texts, withoutIdentity)) {
    pdf.font(BOLD).text(`${label}: `, { continued: true }).font(REGULAR).text(value);
  }
  for (const section of document.sections) {
    pdf.moveDown().font(BOLD).fontSize(12).text(section.title);
    pdf.font(REGULAR).fontSize(BODY).text(section.text, { lineGap: 2 });
  }
  pdf.moveDown(2).fontSize(8).fillColor('#555').text(texts.note);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

function facts(document: CareDocument, texts: PdfTexts, withoutIdentity: boolean): [string, string][] {
  const { patient } = document;
  const all: [string, string][] = [
    ...(withoutIdentity
      ? []
      : ([
          [texts.name, `${patient.familyName}, ${patient.givenNames}`],
          [texts.id, patient.id],
        ] satisfies [string, string][])),
    [texts.made, time(document.effectiveTime.ms)],
    [texts.authors, document.authors.map(({ name, organisationName }) => `${name}, ${organisationName}`).join('; ')],
    [texts.controller, document.controllerName === '' ? document.controllerOid : document.controllerName],
    [texts.examination, document.examinations.map(({ code, displayName }) => `${code} ${displayName}`).join('; ')],
    [texts.document, `${document.oid}, ${texts.version} ${document.version}`],
  ];
  return all.filter(([, value]) => value !== '');
}

function languageOf({ language }: CareDocument): keyof typeof PDF_TEXTS {
  const short = language.slice(0, 2).toLowerCase();
  return short === 'sv' || short === 'en' ? short : 'fi';
}

const LOCAL = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Helsinki', dateStyle: 'short', timeStyle: 'short' });

function time(ms: number): string {
  return LOCAL.format(ms);
}
