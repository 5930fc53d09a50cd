/** Two a request is enough to keep up with arrivals, and never a pause. */
const PURGES_PER_REQUEST = 2;

export interface KeyRecord<Answer> {
  readonly key: string;
  readonly fingerprint: number;
  readonly atMs: number;
  readonly answer: Answer;
}

export type KeyState<Answer> =
  | { readonly kind: 'new' }
  | { readonly kind: 'replay'; readonly record: KeyRecord<Answer> }
  | { readonly kind: 'other_params' }
  | { readonly kind: 'in_progress' };

const NEW: KeyState<never> = { kind: 'new' };
const OTHER_PARAMS: KeyState<never> = { kind: 'other_params' };
const IN_PROGRESS: KeyState<never> = { kind: 'in_progress' };

/** What was answered under each key, and which keys are being worked on. */
export class IdempotencyStore<Answer> {
  private readonly finished = new Map<string, KeyRecord<Answer>>();
  /** Fingerprints of requests in progress; lost in a crash, as nothing of them was committed. */
  private readonly working = new Map<string, number>();

  /** @param lifeMs after which the same key executes again */
  constructor(private readonly lifeMs: number) {}

  /** Looks the key up and, when it is new, marks it as in progress: `finish` or `abandon` must follow. */
  begin(key: string, fingerprint: number, nowMs: number): KeyState<Answer> {
    this.purge(nowMs);
    const working = this.working.get(key);
    if (working !== undefined) return working === fingerprint ? IN_PROGRESS : OTHER_PARAMS;
    const record = this.finished.get(key);
    if (record !== undefined && nowMs - record.atMs < this.lifeMs) {
      return record.fingerprint === fingerprint ? { kind: 'replay', record } : OTHER_PARAMS;
    }
    this.working.set(key, fingerprint);
    return NEW;
  }

  finish(record: KeyRecord<Answer>): void {
    this.working.delete(record.key);
    this.restore(record);
  }

  /** The request turned out not to be one that is kept (its parameters failed validation). */
  abandon(key: string): void {
    this.working.delete(key);
  }

  /** Puts back a record read from the journal, or the one just finished. */
  restore(record: KeyRecord<Answer>): void {
    // a key that lived before moves to the end: purging relies on the order of insertion
    this.finished.delete(record.key);
    this.finished.set(record.key, record);
  }

  live(nowMs: number): KeyRecord<Answer>[] {
    return [...this.finished.values()].filter((record) => nowMs - record.atMs < this.lifeMs);
  }

  clear(): void {
    this.finished.clear();
    this.working.clear();
  }

  private purge(nowMs: number): void {
    let left = PURGES_PER_REQUEST;
    for (const [key, record] of this.finished) {
      if (left === 0 || nowMs - record.atMs < this.lifeMs) return;
      this.finished.delete(key);
      left -= 1;
    }
  }
}

/**
 * Tells requests with other parameters apart: a hash of method, path and body in which the order of the pairs does not
 * count. 53 bits: a simulator need not fear forged collisions, and a cryptographic hash would cost more than the request.
 */
export function fingerprintOf(method: string, path: string, body: string): number {
  let low = hash32(method, 0x9e3779b9) ^ hash32(path, 0x85ebca6b);
  let high = hash32(path, 0xc2b2ae35);
  for (const pair of body.split('&')) {
    low = (low + hash32(pair, 0x27d4eb2f)) >>> 0;
    high = (high + hash32(pair, 0x165667b1)) >>> 0;
  }
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}

/** FNV-1a with a seed and a final mix. */
function hash32(text: string, seed: number): number {
  let hash = seed;
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
