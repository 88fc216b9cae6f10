import winston from 'winston';
import { printable } from '../core/text.ts';

const MESSAGE = Symbol.for('message');
const LEVEL_COLOR: Readonly<Record<string, string>> = {
  error: '\u001b[31m',
  warn: '\u001b[33m',
  info: '\u001b[32m',
  debug: '\u001b[2m',
};
const RESET = '\u001b[0m';

/** One line for people: `2026-11-22T10:00:00.000Z info  dicom message key=value`. */
export function textLine(color: boolean): winston.Logform.Format {
  return winston.format((info) => {
    const { level, message, logger, ...fields } = info;
    const shown = color ? `${LEVEL_COLOR[level] ?? ''}${level.padEnd(5)}${RESET}` : level.padEnd(5);
    const pairs = Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [` ${key}=${word(value)}`],
    );
    info[MESSAGE as unknown as string] =
      `${new Date().toISOString()} ${shown} ${String(logger)}: ${printable(String(message))}${pairs.join('')}`;
    return info;
  })();
}

/** One JSON object a line, with `time`, `level`, `logger`, `message` first. */
export function jsonLine(): winston.Logform.Format {
  return winston.format((info) => {
    const { level, message, logger, ...fields } = info;
    info[MESSAGE as unknown as string] = JSON.stringify(
      { time: new Date().toISOString(), level, logger, message: String(message), ...fields },
      safe,
    );
    return info;
  })();
}

// What is printable as a word stays bare; everything else is quoted, so that a value cannot pose as another field.
function word(value: unknown): string {
  const text =
    typeof value === 'string' ? value : value instanceof Error ? described(value) : (JSON.stringify(value, safe) ?? '');
  const escaped = printable(text);
  return /^[\w.:/@+-]+$/.test(escaped) || (typeof value !== 'string' && !(value instanceof Error))
    ? escaped
    : `"${escaped.replaceAll('"', '\\"')}"`;
}

function safe(_key: string, value: unknown): unknown {
  return typeof value === 'string'
    ? printable(value)
    : value instanceof Error
      ? described(value)
      : typeof value === 'bigint'
        ? String(value)
        : value;
}

/** An error with its causes on one line; stacks go nowhere, since they name paths and not reasons. */
function described(error: Error): string {
  const own = `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own} <- ${described(error.cause)}` : own;
}
