/** A part of the week with a bandwidth of its own. Minutes since midnight, `to` not included; `days` 1 (Monday) to 7. */
export interface ScheduleWindow {
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
  /** bytes a second; null is no limit, 0: only emergencies go */
  readonly rate: number | null;
}

const WEEKDAYS: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Bandwidth by time of day where the archive's users live. Outside all windows, and where they overlap the first one counts, it is the usual one. */
export class Schedule {
  readonly #windows: readonly ScheduleWindow[];
  readonly #usual: number | null;
  readonly #format: Intl.DateTimeFormat;
  #minute = Number.NaN;
  #rate: number | null = null;

  constructor(windows: readonly ScheduleWindow[], usual: number | null, timeZone: string) {
    this.#windows = windows;
    this.#usual = usual;
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Bytes a second at an instant (ms since 1970); null is no limit, 0 is closed. */
  rateAt(now: number): number | null {
    // Time zones change on whole minutes.
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#rate = this.#lookUp(now);
    }
    return this.#rate;
  }

  /** Whether work that is no emergency may begin. */
  isOpen(now: number): boolean {
    return this.rateAt(now) !== 0;
  }

  #lookUp(now: number): number | null {
    if (this.#windows.length === 0) return this.#usual;
    const parts = Object.fromEntries(this.#format.formatToParts(now).map(({ type, value }) => [type, value]));
    const day = WEEKDAYS.indexOf(parts['weekday'] ?? '') + 1;
    const time = Number(parts['hour']) * 60 + Number(parts['minute']);
    const window = this.#windows.find((w) => w.days.includes(day) && time >= w.from && time < w.to);
    return window === undefined ? this.#usual : window.rate;
  }
}
