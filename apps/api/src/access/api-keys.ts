import { hash } from 'node:crypto';
import { MAX_API_KEY_CHARACTERS } from '../config/limits';

export const SCOPES = ['payments:write', 'payments:read', 'refunds:write', 'ledger:read', 'ops'] as const;
export type Scope = (typeof SCOPES)[number];

/** One line of the key configuration. The key itself is nowhere: only its SHA-256, in hex. */
export interface ApiKeyEntry {
  readonly id: string;
  readonly merchant: string;
  readonly scopes: readonly Scope[];
  readonly sha256: string;
}

/** On whose behalf a request acts. */
export interface Caller {
  readonly keyId: string;
  readonly merchant: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** Known to everybody, so it opens the embedded stack on a developer's machine and nothing else. */
export const DEMO_KEY = 'sk_demo_tender';

export const demoKeyEntry = (): ApiKeyEntry => ({
  id: 'key_demo',
  merchant: 'demo',
  scopes: SCOPES,
  sha256: sha256Of(DEMO_KEY),
});

export const sha256Of = (key: string): string => hash('sha256', key, 'hex');

/**
 * Finds the caller by the digest of the key. Comparing keys would tell by its timing how much of a guess is right; the
 * place of a digest in a table tells nothing that leads to a key.
 */
export class ApiKeys {
  private readonly callers: ReadonlyMap<string, Caller>;

  constructor(entries: readonly ApiKeyEntry[]) {
    this.callers = new Map(
      entries.map(({ id, merchant, scopes, sha256 }) => [
        sha256.toLowerCase(),
        { keyId: id, merchant, scopes: new Set(scopes) },
      ]),
    );
  }

  /** @param authorization the header's value */
  callerOf(authorization: string | undefined): Caller | undefined {
    if (authorization === undefined || authorization.length > MAX_API_KEY_CHARACTERS + 'Bearer '.length)
      return undefined;
    const key = /^bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
    return key === undefined ? undefined : this.callers.get(sha256Of(key));
  }
}
