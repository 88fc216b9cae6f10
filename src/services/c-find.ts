import { DataSetError, decodeDataSet, getString } from '../dicom/data-set.ts';
import type { DataSet } from '../dicom/data-set.ts';
import { keywordOf, tagText } from '../dicom/dictionary.ts';
import { TAG } from '../dicom/tags.ts';
import type { AcceptedContext } from '../dimse/association.ts';
import type { DimseStatus } from '../dimse/command-types.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { STATUS } from '../dimse/status-table.ts';
import { LogUnwritableError } from '../disclosure/log-unwritable-error.ts';
import { IdentifierError } from '../index/index-errors.ts';
import type { FindQuery } from '../index/matching/find-query.ts';
import { parseFindIdentifier } from '../index/matching/identifier-parser.ts';
import type { DisclosureGate, RequestGate } from '../retrieve/disclosure-gate.ts';
import { seesRejected } from '../policy/principal.ts';
import type { InformationModel } from '../retrieve/retrieve-identifier.ts';
import type { FindIndex } from './find/find-index.ts';
import { findSides, foundRows } from './find/find-sides.ts';
import { encodeFindResponse } from './find/find-response.ts';
import { overBroad } from './find/over-broad.ts';
import { findModelOf, notThisModel } from './information-models.ts';

export interface FindOptions {
  readonly index: FindIndex;
  readonly gate: DisclosureGate;
  /** an identifier with more matches is refused with their number; 0 for no limit */
  readonly limit: number;
  /** our AE title, from which everything found can be retrieved */
  readonly retrieveAet: string;
  /** told of each query that could be read, with the milliseconds until its last response */
  readonly answered: (level: FindQuery['level'], ms: number) => void;
  /** monotonic milliseconds */
  readonly now: () => number;
}

/** C-FIND SCP (PS3.4 C.4.1): matches stream as the peer reads them and stop within one row of a C-CANCEL. */
export function createFind(options: FindOptions): NonNullable<ServiceHandlers['find']> {
  const { index, limit, retrieveAet } = options;
  return async function* (assoc, pc, _command, identifier, cancel) {
    const model = findModelOf(pc.abstractSyntax);
    if (model === undefined) return { status: notThisModel() };
    const stop = AbortSignal.any([cancel, assoc.signal]);
    const begun = options.now();
    let level: FindQuery['level'] | undefined;
    let gate: RequestGate | undefined;
    let items = 0;
    try {
      const ds = decodeDataSet(identifier, pc.transferSyntax);
      const requestCharset = getString(ds, TAG.SpecificCharacterSet, '') ?? '';
      const claim = takeClaim(ds, requestCharset, options.gate.claimTag);
      const asked = readQuery(ds, requestCharset, model, pc, seesRejected(assoc));
      level = asked.level;
      gate = await options.gate.begin({
        principal: assoc.principal,
        associationId: assoc.id,
        operation: 'C-FIND',
        claim,
        destination: '',
        criteria: describeKeys(asked),
      });
      const sides = await findSides(asked, index, gate);
      const refusal = await overBroad(sides, { limit, signal: stop });
      if (refusal !== undefined) return { status: refusal };

      const context = { level: asked.level, retrieveAet, requestCharset, transferSyntaxUid: pc.transferSyntax };
      const code = asked.unsupportedKeys.length > 0 ? STATUS.PendingWarning : STATUS.Pending;
      for await (const rows of foundRows(sides, stop)) {
        for (const row of rows) {
          if (stop.aborted) break;
          items += 1;
          yield { status: { code }, identifier: encodeFindResponse(row, context) };
        }
        if (stop.aborted) break;
      }
      const whole = gate;
      gate = undefined;
      await whole.reveal([], { items });
      return { status: { code: stop.aborted ? STATUS.Cancel : STATUS.Success } };
    } catch (error) {
      // What cannot be written now cannot be a moment later.
      if (error instanceof LogUnwritableError) gate = undefined;
      const status = refusalOf(error);
      if (status !== undefined) return { status };
      if (stop.aborted) return { status: { code: STATUS.Cancel } };
      throw error;
    } finally {
      // However it ends, also by the peer's leaving: what was asked and what was withheld is on record before the last response.
      await gate?.reveal([], { items });
      if (level !== undefined) options.answered(level, options.now() - begun);
    }
  };
}

/** By which the peer says who asks: it is no key, and is neither matched nor answered. */
function takeClaim(ds: DataSet, charset: string, tag: number | undefined): string {
  if (tag === undefined) return '';
  const claim = getString(ds, tag, charset) ?? '';
  ds.delete(tag);
  return claim.trim();
}

/** PS3.4 C.5.1.1.1: bytes of the extended negotiation, in order: relational, combined date-time, fuzzy, timezone. */
function readQuery(
  ds: DataSet,
  charset: string,
  root: InformationModel,
  pc: AcceptedContext,
  rejectedToo: boolean,
): FindQuery {
  const agreed = (byte: number) => pc.extended?.[byte] === 1;
  return parseFindIdentifier(ds, charset, {
    root,
    relational: agreed(0),
    combinedDateTime: agreed(1),
    fuzzy: agreed(2),
    timezone: agreed(3),
    rejectedToo,
  });
}

/** What was searched by, as the log keeps it: keys without their values. */
function describeKeys({ level, keys }: FindQuery): string {
  return [level, ...keys.map(({ tag }) => keywordOf(tag) ?? tagText(tag))].join(' ');
}

/** PS3.4 table C.4-1: what is wrong with the identifier, or keeps it from being answered; undefined for what is neither. */
function refusalOf(error: unknown): DimseStatus | undefined {
  if (error instanceof IdentifierError)
    return { code: error.status, errorComment: error.text, offendingElement: [error.tag] };
  if (error instanceof LogUnwritableError)
    return { code: STATUS.OutOfResources, errorComment: 'the use log cannot be written' };
  if (error instanceof DataSetError) {
    return {
      code: STATUS.DataSetMismatch,
      errorComment: 'identifier is not a readable data set',
      offendingElement: [error.tag],
    };
  }
  return undefined;
}
