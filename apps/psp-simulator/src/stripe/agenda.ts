import { DueQueue } from '../due-queue';

interface Appointment {
  readonly atMs: number;
  readonly id: string;
}

/** How often an agenda looks whether the clock, which a test may move, has come far enough. */
const LOOK_AGAIN_MS = 1_000;

/** Which objects time will change, so that the change is recorded and told even when nobody looks. */
export class Agenda {
  private readonly queue = new DueQueue<Appointment>();
  private count = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly nowMs: () => number,
    private readonly timePassed: (id: string) => void,
  ) {}

  add(atMs: number, id: string): void {
    this.count += 1;
    this.queue.add(atMs, this.count, { atMs, id });
    if (this.queue.first?.id === id) this.sleep();
  }

  /** Looks at once: before anything is read or executed, and when the clock was moved. */
  wake(): void {
    const nowMs = this.nowMs();
    for (let first = this.queue.first; first !== undefined && first.atMs <= nowMs; first = this.queue.first) {
      this.queue.take();
      this.timePassed(first.id);
    }
    this.sleep();
  }

  clear(): void {
    this.queue.clear();
    clearTimeout(this.timer);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private sleep(): void {
    clearTimeout(this.timer);
    const { first } = this.queue;
    if (first === undefined || this.closed) return;
    const waitMs = Math.max(0, first.atMs - this.nowMs());
    this.timer = setTimeout(
      () => {
        this.wake();
      },
      Math.min(waitMs, LOOK_AGAIN_MS),
    );
    this.timer.unref();
  }
}
