/** Everything that is wrong with the configuration, at once: a deploy should not need five tries. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(`the configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Reads environment variables with their rules. Problems are gathered; `done` throws them together.
 *
 * An empty variable counts as absent, as in every compose file that passes one on.
 */
export class Environment {
  private readonly problems: string[] = [];

  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {}

  text(name: string, fallback?: string): string {
    const value = this.variables[name];
    if (value !== undefined && value !== '') return value;
    if (fallback === undefined) this.problems.push(`${name} must be set`);
    return fallback ?? '';
  }

  optional(name: string): string | undefined {
    const value = this.variables[name];
    return value === '' ? undefined : value;
  }

  integer(
    name: string,
    rule: { readonly min: number; readonly max: number; readonly fallback: number },
  ): number {
    const value = this.optional(name);
    if (value === undefined) return rule.fallback;
    const parsed = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (parsed >= rule.min && parsed <= rule.max) return parsed;
    this.problems.push(`${name} must be an integer from ${rule.min} to ${rule.max}, not "${value}"`);
    return rule.fallback;
  }

  port(name: string, fallback: number): number {
    return this.integer(name, { min: 0, max: 65_535, fallback });
  }

  flag(name: string): boolean {
    const value = this.optional(name) ?? '0';
    if (value !== '0' && value !== '1') this.problems.push(`${name} must be 0 or 1, not "${value}"`);
    return value === '1';
  }

  url(name: string, protocols: readonly string[], fallback?: string): string {
    const value = this.text(name, fallback);
    const protocol = /^([a-z+]+):\/\/\S+$/.exec(value)?.[1];
    if (value !== '' && (protocol === undefined || !protocols.includes(protocol))) {
      this.problems.push(
        `${name} must be a URL of the form ${protocols.map((each) => `${each}://…`).join(' or ')}`,
      );
    }
    return value;
  }

  /** Adds a problem that concerns several variables. */
  problem(text: string): void {
    this.problems.push(text);
  }

  done(): void {
    if (this.problems.length > 0) throw new ConfigurationError(this.problems);
  }
}
