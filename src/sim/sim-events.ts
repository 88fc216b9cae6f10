import { printable } from '../core/text.ts';

/** Something that reached the simulated archive, or that it did: one JSON line. */
export interface SimEvent {
  readonly event: SimEventName;
  readonly [fact: string]: string | number | boolean | null | readonly string[] | undefined;
}

export type SimEventName =
  | 'associate'
  | 'refused'
  | 'echo'
  | 'store'
  | 'abort'
  | 'commitment-request'
  | 'commitment-report'
  | 'report-failed'
  | 'find'
  | 'retrieve'
  | 'full'
  | 'script'
  | 'fault';

/** Takes every event as it happens. */
export type SimListener = (event: SimEvent) => void;

/** An event as a line for people. */
export function eventLine({ event, ...facts }: SimEvent): string {
  const told = Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
    .map(([key, value]) => `${key}=${printable(Array.isArray(value) ? value.join(',') : String(value))}`);
  return [event.padEnd(18), ...told].join(' ').trimEnd();
}
