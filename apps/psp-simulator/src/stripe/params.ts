import { invalidRequest, type ApiError } from './api-error';
import type { FormObject, FormValue } from './form';

/** Source: Stripe docs, "Metadata". */
export const METADATA_KEYS_MAX = 50;
export const METADATA_KEY_MAX_LENGTH = 40;
export const METADATA_VALUE_MAX_LENGTH = 500;

/** Read by the simulator, not by Stripe; never kept. */
export const FAULT_METADATA = 'sim_fault';

/** V8 keeps a slice of this length or more as a reference into its parent. */
const SLICE_MIN_LENGTH = 13;

/** A copy that does not keep the whole request body in memory for as long as the intent lives. */
function detached(text: string): string {
  return text.length < SLICE_MIN_LENGTH ? text : Buffer.from(text).toString();
}

/**
 * Reads typed parameters out of a form and remembers the first thing that is wrong, so that a request is checked
 * in one pass and refused before anything of it is executed.
 */
export class Params {
  problem: ApiError | undefined;

  constructor(
    private readonly form: FormObject,
    known: ReadonlySet<string>,
  ) {
    for (const name of Object.keys(form)) {
      if (!known.has(name)) this.wrong(`Received unknown parameter: ${name}`, 'parameter_unknown', name);
    }
  }

  has(name: string): boolean {
    return this.form[name] !== undefined;
  }

  wrong(message: string, code: string | undefined, param: string): void {
    this.problem ??= invalidRequest(message, code, param);
  }

  /** Null when absent or empty: an empty string is how a form unsets a field. */
  text(name: string): string | null {
    const value = this.form[name];
    if (value === undefined || value === '') return null;
    if (typeof value === 'string') return detached(value);
    this.wrong(`Invalid string: ${name}`, undefined, name);
    return null;
  }

  positiveInt(name: string): number | null {
    const value = this.form[name];
    if (value === undefined) return null;
    if (typeof value === 'string' && /^\d{1,15}$/.test(value) && Number(value) >= 1) return Number(value);
    this.wrong(
      typeof value === 'string' && /^\d+$/.test(value)
        ? `This value must be greater than or equal to 1.`
        : `Invalid integer: ${typeof value === 'string' ? value : name}`,
      'parameter_invalid_integer',
      name,
    );
    return null;
  }

  flag(name: string): boolean {
    const value = this.form[name];
    if (value === undefined || value === 'false' || value === '') return false;
    if (value !== 'true') this.wrong(`Invalid boolean: ${name}`, undefined, name);
    return value === 'true';
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.text(name);
    if (value === null) return null;
    const found = allowed.find((one) => one === value);
    if (found === undefined)
      this.wrong(`Invalid ${name}: must be one of ${allowed.join(', ')}`, undefined, name);
    return found ?? null;
  }

  texts(name: string): string[] {
    const value = this.form[name];
    if (value === undefined || value === '') return [];
    if (typeof value === 'string') {
      this.wrong('Invalid array', undefined, name);
      return [];
    }
    return Object.values(value).filter((item): item is string => typeof item === 'string');
  }

  object(name: string): FormObject | undefined {
    const value = this.form[name];
    return typeof value === 'object' ? value : undefined;
  }

  raw(name: string): FormValue | undefined {
    return this.form[name];
  }

  /** Given pairs only; an empty value is passed on, since in an update it removes the key. */
  metadata(): Record<string, string> {
    const given = this.form.metadata;
    const pairs: Record<string, string> = {};
    if (given === undefined || given === '') return pairs;
    if (typeof given === 'string') {
      this.wrong('Invalid object', undefined, 'metadata');
      return pairs;
    }
    for (const [name, value] of Object.entries(given)) {
      if (name === FAULT_METADATA) continue;
      if (typeof value !== 'string' || value.length > METADATA_VALUE_MAX_LENGTH) {
        const limit = `Metadata values can have up to ${METADATA_VALUE_MAX_LENGTH} characters.`;
        this.wrong(limit, undefined, `metadata[${name}]`);
      } else if (name.length > METADATA_KEY_MAX_LENGTH) {
        const limit = `Metadata keys can have up to ${METADATA_KEY_MAX_LENGTH} characters.`;
        this.wrong(limit, undefined, `metadata[${name}]`);
      } else {
        pairs[name] = detached(value);
      }
    }
    if (Object.keys(pairs).length > METADATA_KEYS_MAX) {
      this.wrong(`You can have up to ${METADATA_KEYS_MAX} metadata keys.`, undefined, 'metadata');
    }
    return pairs;
  }
}

/** What is created with an empty value is created without it. */
export function withoutEmpty(pairs: Record<string, string>): Record<string, string> {
  return Object.values(pairs).includes('')
    ? Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== ''))
    : pairs;
}
