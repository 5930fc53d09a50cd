/** Where a command speaks. Results go out, everything about the work itself to the side, so that a pipe gets results only. */
export interface Terminal {
  out(text: string): void;
  aside(text: string): void;
  /** Whether a person watches the side: a progress bar moves, or plain lines are written. */
  readonly isWatched: boolean;
}

export const processTerminal: Terminal = {
  out: (text) => process.stdout.write(`${text}\n`),
  aside: (text) => process.stderr.write(`${text}\n`),
  isWatched: process.stderr.isTTY,
};

/** JSON of anything that a command tells: bigints as integers where they are exact, as decimal text beyond. */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, item: unknown) => {
      if (typeof item !== 'bigint') return item;
      const number = Number(item);
      return Number.isSafeInteger(number) ? number : item.toString();
    },
    2,
  );
