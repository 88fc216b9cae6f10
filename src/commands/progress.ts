import { SingleBar } from 'cli-progress';
import type { Output } from './output.ts';

export interface Progress {
  /** `total` may grow while it is found. */
  update(done: number, total: number, note: string): void;
  stop(): void;
}

/** A bar on standard error when that is a terminal, else nothing: the counts at the end say it all. */
export function startProgress(out: Output, unit: string): Progress {
  if (!out.interactive) {
    return { update: () => {}, stop: () => {} };
  }
  const bar = new SingleBar({
    format: `{bar} {value}/{total} ${unit}  {note}`,
    stream: out.progressStream,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
    fps: 5,
  });
  bar.start(0, 0, { note: '' });
  return {
    update: (done, total, note) => {
      bar.setTotal(total);
      bar.update(done, { note });
    },
    stop: () => bar.stop(),
  };
}
