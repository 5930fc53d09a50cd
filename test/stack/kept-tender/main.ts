import { runProgram } from '../../../apps/cli/src/program';
import type { EndedProgram } from '../tender-program';

/** What a kept `tender` is asked. */
export interface Call {
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** One call after another, as whoever asks waits for the end of each. */
process.on('message', ({ args, variables }: Call) => {
  let [out, aside] = ['', ''];
  const terminal = {
    out: (text: string) => (out += `${text}\n`),
    aside: (text: string) => (aside += `${text}\n`),
    isWatched: false,
  };
  void runProgram(args, { variables, terminal, stopped: () => false }).then((exitCode) => {
    process.send?.({ exitCode, out, aside } satisfies EndedProgram);
  });
});
process.on('disconnect', () => process.exit());
