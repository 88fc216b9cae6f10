// npm passes a signal on to a child that the terminal has signalled as well: two within this time are one keystroke.
const SAME_KEYSTROKE_MS = 500;

export interface StopSignal extends Disposable {
  /** Settles with the name of the first SIGTERM or SIGINT. */
  readonly asked: Promise<NodeJS.Signals>;
}

/** Listens for SIGTERM and SIGINT until disposed; a second one ends the process as the signal itself would. */
export function stopSignal(say: (line: string) => void): StopSignal {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let first: number | undefined;
  const remove = (): void => {
    process.removeListener('SIGTERM', onSignal);
    process.removeListener('SIGINT', onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      resolve(signal);
    } else if (now - first > SAME_KEYSTROKE_MS) {
      say(`${signal} again: ending at once`);
      remove();
      process.kill(process.pid, signal);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return { asked: promise, [Symbol.dispose]: remove };
}
