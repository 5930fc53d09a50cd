/** A merchant's key may be anything (`$set`, `a.b`, `__proto__`), so it is stored as a value and never as a key. */
export interface MetadataEntry {
  readonly key: string;
  readonly value: string;
}
