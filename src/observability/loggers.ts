import { Writable } from 'node:stream';
import winston from 'winston';
import { jsonLine, textLine } from './log-format.ts';

/** What a log call may carry beside its message. Anything that identifies a patient goes below `patient` and nowhere else. */
export interface LogFields {
  readonly [field: string]: unknown;
  readonly patient?: Readonly<Record<string, unknown>>;
}

export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  isLevelEnabled(level: string): boolean;
}

/** Every named logger of the program. */
const NAMES = [
  'node',
  'dicom',
  'policy',
  'ingest',
  'store',
  'index',
  'retrieve',
  'commitment',
  'egress',
  'documents',
  'http',
] as const;

export type LoggerName = (typeof NAMES)[number];
export type Loggers = Readonly<Record<LoggerName, Logger>> & {
  /** Writes what is still held back and closes the log file. */
  close(): Promise<void>;
};

export interface LoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** `auto` is text on a terminal and JSON otherwise. */
  readonly format: 'auto' | 'text' | 'json';
  /** Whether the fields below `patient` are written. */
  readonly patientData: boolean;
  /** A file that gets JSON lines in addition to `stream`. */
  readonly file: string | null;
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly color: boolean;
}

/** Creates the loggers; the caller closes them. */
export function createLoggers(options: LoggerOptions): Loggers {
  const text = options.format === 'text' || (options.format === 'auto' && options.stream.isTTY === true);
  const line = text ? textLine(options.color) : jsonLine();
  const batched = new BatchedLines(options.stream);
  const transports: winston.transport[] = [new winston.transports.Stream({ stream: batched, eol: '\n', format: line })];
  const file =
    options.file === null
      ? undefined
      : new winston.transports.File({ filename: options.file, eol: '\n', format: jsonLine() });
  const root = winston.createLogger({
    level: options.level,
    format: winston.format((info) => {
      if (!options.patientData) {
        delete info['patient'];
      }
      return info;
    })(),
    transports: file === undefined ? transports : [...transports, file],
  });
  // Winston emits transport errors on the logger; without a listener a full log disk would end the node.
  root.on('error', (error) => options.stream.write(`log: ${String(error)}\n`));
  const children = Object.fromEntries(
    NAMES.map((name): [LoggerName, Logger] => [name, root.child({ logger: name })]),
  ) as Record<LoggerName, Logger>;
  return {
    ...children,
    close: async () => {
      const flushed = file === undefined ? undefined : new Promise((resolve) => file.once('finish', resolve));
      root.end();
      batched.flush();
      await flushed;
    },
  };
}

/** Loggers that write nothing, for tests and one-shot commands. */
export function silentLoggers(): Loggers {
  const nothing = (): void => {};
  const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing, isLevelEnabled: () => false };
  return {
    ...(Object.fromEntries(NAMES.map((name) => [name, silent])) as Record<LoggerName, Logger>),
    close: async () => {},
  };
}

// Long enough for several objects of a busy association, too short for anybody who reads along.
const HELD_MS = 20;
const HELD_LINES = 200;

/**
 * Joins lines into one write: standard error is synchronous on pipes and files, and each write wakes its reader. A crash of the process
 * may cost the lines of the last moment; the promises of the archive do not rest on them.
 */
class BatchedLines extends Writable {
  readonly #target: NodeJS.WritableStream;
  #held: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #onExit = (): void => this.flush();

  constructor(target: NodeJS.WritableStream) {
    super({ decodeStrings: false });
    this.#target = target;
    process.once('exit', this.#onExit);
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.#held.push(chunk);
    if (this.#held.length === HELD_LINES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), HELD_MS);
    done();
  }

  override _final(done: () => void): void {
    this.flush();
    process.removeListener('exit', this.#onExit);
    done();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#held;
    this.#held = [];
    if (lines.length > 0) {
      this.#target.write(lines.join(''));
    }
  }
}
