import { isUtf8 } from 'node:buffer';

/** A patient identifier with who assigned it: an OID where the message has one, else a namespace, '' for none (HL7 v2 CX). */
export interface AssignedId {
  readonly id: string;
  readonly authority: string;
}

/** One patient of a message: the ids that are retired, those that the patient has, and what else it says of the patient. */
export interface AdtMerge {
  readonly event: 'A40' | 'A47';
  readonly controlId: string;
  readonly sender: string;
  readonly retired: readonly AssignedId[];
  readonly ids: readonly AssignedId[];
  /** As DICOM writes them: PN, YYYYMMDD, F, M or O; '' for what is not said. */
  readonly demographics: { readonly name: string; readonly birthDate: string; readonly sex: string };
}

/** Why a message says nothing; names segment and field. */
export class AdtError extends Error {
  override readonly name = 'AdtError';
}

const EVENTS = ['A40', 'A47'] as const;
/** Framing of MLLP (HL7 v2 transport), which captured files often have. */
const FRAMING = /[\u000b\u001c]/g;

/** The messages of a file, one after the other; batch headers between them are passed over. */
export function adtMessagesOf(bytes: Buffer): string[] {
  // MSH-18 says the character set; its own bytes are plain in all of them.
  const declared = /^MSH.(?:[^\r\n|]*\|){16}([^|\r\n]*)/m.exec(bytes.toString('latin1'))?.[1] ?? '';
  const isUnicode = /UTF-?8/i.test(declared) || (!/8859/.test(declared) && isUtf8(bytes));
  const text = bytes.toString(isUnicode ? 'utf8' : 'latin1').replace(/^\ufeff/, '');
  const segments = text.replaceAll(FRAMING, '').split(/[\r\n]+/);
  const messages: string[][] = [];
  for (const segment of segments) {
    if (segment.startsWith('MSH')) messages.push([segment]);
    else if (segment !== '' && !/^[BF][HT]S/.test(segment)) messages.at(-1)?.push(segment);
  }
  return messages.map((message) => message.join('\r'));
}

/**
 * Reads a message that merges patients or changes the identifier of one: ADT^A40 and ADT^A47 (HL7 v2.5 3.3.40 and 3.3.47, IHE ITI-30).
 * @throws AdtError
 */
export function readAdtMessage(text: string): AdtMerge[] {
  const [header = '', ...segments] = text.split('\r');
  if (!header.startsWith('MSH') || header.length < 8)
    throw new AdtError('no MSH segment: this is no HL7 version 2 message');
  const syntax = new Syntax(header);
  const msh = syntax.fields(header);
  const event = syntax.component(msh[8], 1);
  const known = EVENTS.find((each) => each === event);
  if (syntax.component(msh[8], 0) !== 'ADT' || known === undefined)
    throw new AdtError(`MSH-9 is ${msh[8] ?? ''}: only ADT^A40 and ADT^A47 say whose studies are whose`);
  const common = { event: known, controlId: syntax.component(msh[9], 0), sender: syntax.component(msh[2], 0) };
  const merges: AdtMerge[] = [];
  let pid: string[] | undefined;
  for (const segment of segments) {
    const fields = syntax.fields(segment);
    if (fields[0] === 'PID') pid = fields;
    if (fields[0] !== 'MRG') continue;
    if (pid === undefined) throw new AdtError('an MRG segment stands before any PID');
    merges.push({ ...common, ...syntax.merge(pid, fields) });
  }
  if (merges.length === 0) throw new AdtError(`no MRG segment: ADT^${known} must name the identifier that is retired`);
  return merges;
}

/** Delimiters and escapes of one message (HL7 v2.5 2.5.4 and 2.7). */
class Syntax {
  readonly #field: string;
  readonly #component: string;
  readonly #repetition: string;
  readonly #escape: string;
  readonly #subcomponent: string;

  constructor(header: string) {
    this.#field = header[3]!;
    [this.#component, this.#repetition, this.#escape, this.#subcomponent] = header.slice(4, 8).split('') as [
      string,
      string,
      string,
      string,
    ];
  }

  /** By their numbers; MSH-1 is the delimiter itself, so that its fields stand one place earlier. */
  fields(segment: string): string[] {
    return segment.split(this.#field);
  }

  component(field: string | undefined, at: number): string {
    return this.#plain((field ?? '').split(this.#repetition)[0]!.split(this.#component)[at] ?? '');
  }

  merge(pid: readonly string[], mrg: readonly string[]): Omit<AdtMerge, 'event' | 'controlId' | 'sender'> {
    const ids = this.#ids(pid[3]);
    const retired = this.#ids(mrg[1]);
    if (ids.length === 0) throw new AdtError('PID-3 has no patient identifier');
    if (retired.length === 0) throw new AdtError('MRG-1 has no prior patient identifier');
    return {
      ids,
      retired,
      demographics: {
        name: this.#name(pid[5]),
        birthDate: /^\d{8}/.exec(this.component(pid[7], 0))?.[0] ?? '',
        sex: /^[FMO]$/.exec(this.component(pid[8], 0))?.[0] ?? '',
      },
    };
  }

  #ids(field: string | undefined): AssignedId[] {
    return (field ?? '')
      .split(this.#repetition)
      .map((cx) => ({
        id: this.component(cx, 0).trim(),
        authority: this.#authority(cx.split(this.#component)[3] ?? ''),
      }))
      .filter(({ id }) => id !== '' && id !== '""');
  }

  /** HD: namespace, universal id and its type. */
  #authority(hd: string): string {
    const [namespace = '', universal = '', type = ''] = hd.split(this.#subcomponent).map((part) => this.#plain(part));
    return universal !== '' && (type === 'ISO' || type === '') ? universal : namespace;
  }

  /** XPN has the suffix before the prefix, PN (PS3.5 6.2.1) the prefix before the suffix. */
  #name(field: string | undefined): string {
    const xpn = (field ?? '').split(this.#repetition)[0]!.split(this.#component);
    const [family = '', given = '', middle = '', suffix = '', prefix = ''] = xpn.map((part) =>
      this.#plain(part.split(this.#subcomponent)[0]!)
        .replaceAll(/[\^=\\]/g, ' ')
        .trim(),
    );
    return [family, given, middle, prefix, suffix].join('^').replace(/\^+$/, '');
  }

  #plain(text: string): string {
    if (text === '""') return '';
    const escaped: Readonly<Record<string, string>> = {
      F: this.#field,
      S: this.#component,
      T: this.#subcomponent,
      R: this.#repetition,
      E: this.#escape,
    };
    const parts = text.split(this.#escape);
    return parts.map((part, at) => (at % 2 === 0 ? part : (escaped[part] ?? ''))).join('');
  }
}
