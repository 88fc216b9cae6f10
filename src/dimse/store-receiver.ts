import { toError } from '../core/errors.ts';
import type { DataSetReceiver } from './assembler.ts';
import { AssociationTimeoutError } from './association-errors.ts';
import type { DimseStatus } from './command-types.ts';
import type { DataSetSink } from './service-handlers.ts';
import { Countdown } from './ul/countdown.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

/** Leads the data set of one C-STORE-RQ into its sink, stopping the peer while the sink is full. */
export class StoreReceiver implements DataSetReceiver {
  readonly #ul: UpperLayer;
  readonly #sink: DataSetSink;
  readonly #done: (bytes: number, result: DimseStatus | Error) => void;
  readonly #timer: Countdown;
  #failure: Error | undefined;
  #braked = false;
  bytes = 0;

  /** `done` is called once, with what the sink answered or threw; not after `abort`. */
  constructor(ul: UpperLayer, sink: DataSetSink, done: (bytes: number, result: DimseStatus | Error) => void) {
    this.#ul = ul;
    this.#sink = sink;
    this.#done = done;
    this.#timer = new Countdown(() => ul.abort(new AssociationTimeoutError('sink', ul.timeouts.sink)));
  }

  write(view: Buffer): void {
    this.bytes += view.length;
    if (this.#failure !== undefined) return;
    try {
      if (!this.#sink.write(view)) this.#brake();
    } catch (error) {
      this.#fail(error);
    }
  }

  end(): void {
    if (this.#failure !== undefined) {
      this.#done(this.bytes, this.#failure);
      return;
    }
    this.#timer.start(this.#ul.timeouts.sink);
    let finished: Promise<DimseStatus>;
    try {
      finished = this.#sink.finish();
    } catch (error) {
      this.#finished(toError(error));
      return;
    }
    finished.then(
      (status) => this.#finished(status),
      (error: unknown) => this.#finished(toError(error)),
    );
  }

  abort(cause: Error): void {
    this.#release();
    this.#timer.stop();
    if (this.#failure !== undefined) return;
    this.#failure = cause;
    this.#abortSink(cause);
  }

  #finished(result: DimseStatus | Error): void {
    this.#timer.stop();
    this.#release();
    this.#done(this.bytes, result);
  }

  #brake(): void {
    if (this.#braked) return;
    this.#braked = true;
    this.#ul.pause();
    this.#ul.busy();
    this.#timer.start(this.#ul.timeouts.sink);
    this.#sink.drained().then(
      () => this.#release(),
      (error: unknown) => {
        this.#fail(error);
        this.#release();
      },
    );
  }

  #release(): void {
    if (!this.#braked) return;
    this.#braked = false;
    this.#timer.stop();
    this.#ul.quiet();
    this.#ul.resume();
  }

  /** The rest of the data set is read past, then the request answered. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = toError(error);
    this.#abortSink(this.#failure);
  }

  #abortSink(cause: Error): void {
    try {
      this.#sink.abort(cause);
    } catch {
      // It is being given up; the failure already known is the one to report.
    }
  }
}
