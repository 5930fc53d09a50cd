/** What a script may rely on; printed by `tender help`. */
export const EXIT = {
  ok: 0,
  /** The books or a read model differ from the streams. */
  divergence: 1,
  usage: 2,
  /** No store is known, or it does not answer. */
  unreachable: 3,
  /** What was asked about does not exist. */
  notFound: 4,
  /** Part of the work could not be done, and was named. */
  incomplete: 5,
  /** The payment has no use for it as it stands. */
  refused: 6,
  /** A bug of ours (BSD sysexits: EX_SOFTWARE). */
  broken: 70,
  /** Ctrl-C, as a shell reports it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done; nothing is wrong',
  divergence: 'the books or a read model differ from the streams',
  usage: 'the command was not understood',
  unreachable: 'no store is known, or it does not answer',
  notFound: 'what was asked about does not exist',
  incomplete: 'part of the work could not be done; which, was said',
  refused: 'what was asked for does not fit how things stand; nothing was recorded',
  broken: 'a bug in tender itself',
  interrupted: 'interrupted (Ctrl-C)',
};

export const EXIT_CODES_HELP = [
  'Exit codes:',
  ...Object.entries(EXIT).map(
    ([name, code]) => `  ${String(code).padEnd(4)} ${MEANING[name as keyof typeof EXIT]}`,
  ),
].join('\n');

/** Ends the command with a text for a person and a code for a script; anything else thrown is a bug. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
