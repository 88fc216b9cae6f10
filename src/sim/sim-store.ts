import { toError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { DEFAULT_HEADER_BYTES, HeaderReader } from '../dicom/header-reader.ts';
import type { AcceptedContext, Association } from '../dimse/association.ts';
import type { CStoreRequest, DimseStatus } from '../dimse/command-types.ts';
import type { DataSetSink } from '../dimse/service-handlers.ts';
import { STATUS, statusCategory, statusText } from '../dimse/status-table.ts';
import { pause } from './pause.ts';
import type { RuleBook } from './rule-book.ts';
import type { SimListener } from './sim-events.ts';
import { describe, fileOf } from './sim-objects.ts';
import type { Kept, RejectionStatus, SimObject, SimObjects } from './sim-objects.ts';
import type { SimRuleOf } from './sim-script.ts';

export interface SimStoreDeps {
  readonly rules: RuleBook;
  readonly objects: SimObjects;
  readonly tell: SimListener;
}

/** dcm4chee's answers about rejection notes and what they name. */
const REJECTION_STATUS: Readonly<Record<RejectionStatus, number>> = {
  DUPLICATE_NOTE: 0xa770,
  SUBSEQUENT_OCCURRENCE: 0xa771,
  NO_SUCH_INSTANCE: 0xa772,
  ALREADY_REJECTED: 0xa774,
};

/** Takes one object as the script says. The whole of it is held in memory. */
export class SimStoreSink implements DataSetSink {
  readonly #deps: SimStoreDeps;
  readonly #assoc: Association;
  readonly #pc: AcceptedContext;
  readonly #command: CStoreRequest;
  readonly #header: HeaderReader;
  readonly #chunks: Buffer[] = [];
  #rule: SimRuleOf<'store'> | undefined;
  #judged = false;

  constructor(deps: SimStoreDeps, assoc: Association, pc: AcceptedContext, command: CStoreRequest) {
    this.#deps = deps;
    this.#assoc = assoc;
    this.#pc = pc;
    this.#command = command;
    this.#header = new HeaderReader({ transferSyntaxUid: pc.transferSyntax, maxBytes: DEFAULT_HEADER_BYTES });
  }

  write(view: Buffer): boolean {
    const chunk = Buffer.from(view);
    const own = Buffer.from(chunk);
    this.#chunks.push(own);
    if (!this.#judged && this.#header.push(own)) this.#judge();
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  abort(): void {
    this.#deps.tell({ event: 'abort', ...this.#facts(), received: this.#chunks.reduce((sum, c) => sum + c.length, 0) });
  }

  async finish(): Promise<DimseStatus> {
    if (!this.#judged) this.#judge();
    const rule = this.#rule;
    if (rule?.abort === 'during') {
      // It was so short that it has arrived whole; nobody gets this answer.
      this.#cut();
      this.abort();
      return { code: STATUS.ProcessingFailure };
    }
    if (rule !== undefined) await pause(rule.delay, this.#assoc.signal);
    const answer = this.#take(rule);
    if (rule?.abort === 'before-response') this.#cut();
    if (rule?.abort === 'after-response') setTimeout(() => this.#cut(), AFTER_RESPONSE_MS);
    return answer;
  }

  /** Which rule it falls under is known when the header has passed. */
  #judge(): void {
    this.#judged = true;
    this.#rule = this.#deps.rules.match('store', {
      callingAet: this.#assoc.callingAET,
      study: this.#study(),
      sopClass: this.#command.AffectedSOPClassUID,
      sopInstance: this.#command.AffectedSOPInstanceUID,
    });
    if (this.#rule?.abort === 'during') setImmediate(() => this.#cut());
  }

  #study(): string | undefined {
    try {
      const uid = this.#header.finish().attributes['StudyInstanceUID'];
      return typeof uid === 'string' ? uid : undefined;
    } catch {
      return undefined;
    }
  }

  #take(rule: SimRuleOf<'store'> | undefined): DimseStatus {
    const { rules, objects, tell } = this.#deps;
    let object: SimObject;
    const meta = {
      sopClassUid: this.#command.AffectedSOPClassUID,
      sopInstanceUid: this.#command.AffectedSOPInstanceUID,
      transferSyntaxUid: this.#pc.transferSyntax,
    };
    const file = fileOf(meta, this.#chunks);
    try {
      object = describe(file, this.#assoc.callingAET);
    } catch (error) {
      const code = STATUS.CannotUnderstand;
      tell({ event: 'store', ...this.#facts(), status: statusText(code), kept: 'no', reason: toError(error).message });
      return { code };
    }
    const code = rule?.status ?? this.#usual(rules.full, object);
    const keep = rule?.keep ?? ['success', 'warning'].includes(statusCategory(code));
    const references = object.keyObjects?.references ?? [];
    const missing = references.filter(({ sopInstanceUid }) => objects.get(sopInstanceUid) === undefined).length;
    const kept: Kept | 'no' = keep ? objects.put(object, file) : 'no';
    tell({
      event: 'store',
      ...this.#facts(),
      study: object.studyInstanceUid,
      series: object.seriesInstanceUid,
      transferSyntax: object.transferSyntaxUid,
      bytes: object.bytes,
      sha256: object.sha256,
      status: statusText(code),
      kept,
      ...(object.keyObjects === undefined
        ? {}
        : { title: printable(object.keyObjects.title.value), references: references.length, missing }),
    });
    return rule === undefined || rule.comment === '' ? { code } : { code, errorComment: rule.comment };
  }

  #usual(full: boolean, object: SimObject): number {
    if (full) return STATUS.OutOfResources;
    const objection = this.#deps.objects.objection(object);
    return objection === undefined ? STATUS.Success : REJECTION_STATUS[objection];
  }

  #cut(): void {
    this.#assoc.abort('the script says so');
  }

  #facts() {
    return {
      callingAet: this.#assoc.callingAET,
      sopClass: this.#command.AffectedSOPClassUID,
      sopInstance: this.#command.AffectedSOPInstanceUID,
    };
  }
}

/** The response has left by then. */
const AFTER_RESPONSE_MS = 50;
