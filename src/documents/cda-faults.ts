import { CdaError } from './cda-errors.ts';
import type { CdaFault } from './cda-errors.ts';
import { cdaTime } from './cda-time.ts';
import type { CdaTime } from './cda-time.ts';

const OID = /^[0-2](\.(0|[1-9]\d*))+$/;
const LONGEST_OID = 64;
const NEVER: CdaTime = { text: '', date: '', hasTime: false, hasZone: false, ms: 0 };

/** Collects what is wrong, so that a sender hears of everything at once. The values it gives back matter only when nothing is. */
export class CdaFaults {
  readonly #faults: CdaFault[] = [];

  add(path: string, rule: string, text: string): void {
    this.#faults.push({ path: `ClinicalDocument/${path}`, rule, text });
  }

  /** @throws CdaError */
  throwIfAny(): void {
    if (this.#faults.length > 0) throw new CdaError('CDA_INVALID', this.#faults);
  }

  required(value: string | undefined, path: string, rule: string): string {
    if (value === undefined || value.trim() === '') this.add(path, rule, 'is missing or empty');
    return value?.trim() ?? '';
  }

  /** An OID that has to be there. */
  oid(value: string | undefined, path: string, rule: string): string {
    const oid = this.required(value, path, rule);
    if (oid !== '' && !isOid(oid))
      this.add(path, rule, 'is no OID: digits and dots, no leading zeros, at most 64 characters');
    return oid;
  }

  /** A time that has to be there. With a time of day it must say its zone: another reader would take it for another moment. */
  time(value: string | undefined, path: string, rule: string): CdaTime {
    const text = this.required(value, path, rule);
    if (text === '') return NEVER;
    const time = cdaTime(text);
    if (time === undefined) this.add(path, rule, 'is no HL7 time such as 20260131120000+0200');
    else if (time.hasTime && !time.hasZone)
      this.add(path, `${rule}-zone`, 'has a time of day without time zone: write +0200 behind it');
    return time ?? NEVER;
  }
}

function isOid(text: string): boolean {
  return text.length <= LONGEST_OID && OID.test(text);
}
