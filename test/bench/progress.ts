import { Presets, SingleBar } from 'cli-progress';

/** Shows how far something is: a bar for a person at a terminal, a line now and then for a log. */
export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

const LINE_EVERY_MS = 5_000;

export function startProgress(
  what: string,
  total: number,
  out: NodeJS.WriteStream = process.stdout,
): Progress {
  return out.isTTY ? bar(what, total, out) : lines(what, total, out);
}

function bar(what: string, total: number, stream: NodeJS.WriteStream): Progress {
  const single = new SingleBar(
    { stream, format: `${what} {bar} {percentage}% {note}`, hideCursor: true, clearOnComplete: false },
    Presets.shades_classic,
  );
  single.start(total, 0, { note: '' });
  return {
    update: (done, note = '') => {
      single.update(Math.min(done, total), { note });
    },
    stop: () => {
      single.stop();
    },
  };
}

function lines(what: string, total: number, out: NodeJS.WriteStream): Progress {
  let shownAt = performance.now();
  return {
    update: (done, note = '') => {
      const now = performance.now();
      if (now - shownAt < LINE_EVERY_MS) return;
      shownAt = now;
      out.write(`${what}: ${Math.min(100, Math.floor((done / total) * 100))} % ${note}\n`);
    },
    stop: () => undefined,
  };
}
