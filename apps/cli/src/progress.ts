import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './terminal';

/** How far a long work is: a bar where somebody watches, a line now and then elsewhere. */
export interface Progress {
  /** @param done share from 0 to 1, or undefined where the end is not known */
  show(done: number | undefined, events: number, place: string): void;
  stop(): void;
}

const LINE_EVERY_MS = 5_000;
const STEPS = 1_000;
const MS_PER_S = 1_000;

export function progressOn(terminal: Terminal, now: () => number = () => performance.now()): Progress {
  const startedAt = now();
  const rate = (events: number): number => Math.round((events / Math.max(1, now() - startedAt)) * MS_PER_S);
  const eta = (done: number): string => {
    const leftS = ((now() - startedAt) / MS_PER_S / Math.max(done, 1 / STEPS)) * (1 - done);
    return `${Math.ceil(leftS)} s left`;
  };
  return terminal.isWatched ? bar(rate, eta) : lines(terminal, now, rate, eta);
}

function bar(rate: (events: number) => number, eta: (done: number) => string): Progress {
  const format = '{bar} {percentage}% | {events} events, {rate}/s | {place} | {eta_text}';
  const shown = new SingleBar({ format, hideCursor: true, stream: process.stderr }, Presets.shades_classic);
  shown.start(STEPS, 0, { events: 0, rate: 0, place: '-', eta_text: '' });
  return {
    show: (done, events, place) => {
      const eta_text = done === undefined ? '' : eta(done);
      shown.update(Math.round((done ?? 0) * STEPS), { events, rate: rate(events), place, eta_text });
    },
    stop: () => {
      shown.stop();
    },
  };
}

function lines(
  terminal: Terminal,
  now: () => number,
  rate: (events: number) => number,
  eta: (done: number) => string,
): Progress {
  let saidAt = now();
  return {
    show: (done, events, place) => {
      if (now() - saidAt < LINE_EVERY_MS) return;
      saidAt = now();
      const share = done === undefined ? '' : `${Math.floor(done * 100)} %, ${eta(done)}, `;
      terminal.aside(`${share}${events} events, ${rate(events)}/s, ${place}`);
    },
    stop: () => undefined,
  };
}
