import { Command, CommanderError } from 'commander';
import { auditPayment } from './audit/audit';
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-codes';
import { momentFrom } from './replay/moment';
import { replayPayment } from './replay/replay';
import { failureOf, findStores, withLog, type Variables } from './stores';
import { paymentIdFrom } from './subject';
import type { Terminal } from './terminal';

export interface Surroundings {
  readonly variables: Variables;
  readonly terminal: Terminal;
}

const CONNECTIONS_HELP = `
Stores: EVENTSTORE_URL and MONGODB_URI; without both, those of the local stack (npm start) on TENDER_DATA (.data).
${EXIT_CODES_HELP}`;

/**
 * One call of the command line.
 *
 * @param args what stands behind the program's name
 */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { terminal } = surroundings;
  let exitCode: ExitCode = EXIT.ok;
  const program = programOf(surroundings, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // commander has said what is wrong by then; help that was asked for is no error
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = failureOf(error);
    if (failure === undefined) {
      terminal.aside(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return EXIT.broken;
    }
    terminal.aside(failure.message);
    return failure.exitCode;
  }
}

function programOf({ variables, terminal }: Surroundings, _end: (code: ExitCode) => void): Command {
  const program = new Command('tender')
    .description(
      'Operator’s tools: what happened to a payment, and whether the books are what the streams say.',
    )
    .addHelpText('after', CONNECTIONS_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.aside(text.trimEnd());
      },
    })
    .showHelpAfterError('(tender help shows what there is)');

  program
    .command('audit')
    .summary('tell the whole story of a payment')
    .description(
      'Every event of a payment in order, with its cause, its actor and the PSP’s evidence, from the streams alone.',
    )
    .argument('<payment>', 'pay_…, an attempt att_…, a uuid, or a stream name')
    .option('--json', 'as JSON', false)
    .action(async (payment: string, options: { json: boolean }) => {
      const paymentId = paymentIdFrom(payment);
      const text = await withLog(findStores(variables), (log) => auditPayment(log, paymentId, options));
      terminal.out(text);
    });

  program
    .command('replay')
    .summary('show a payment as it was at a moment')
    .description('Folds the payment’s stream up to a moment, that moment included.')
    .argument('<payment>', 'pay_…, an attempt att_…, a uuid, or a stream name')
    .requiredOption('--to <moment>', 'RFC 3339 time, position (1234/1234) or revision (3)')
    .option('--json', 'as JSON', false)
    .action(async (payment: string, options: { to: string; json: boolean }) => {
      const paymentId = paymentIdFrom(payment);
      const to = momentFrom(options.to);
      const { json } = options;
      const text = await withLog(findStores(variables), (log) => replayPayment(log, paymentId, { to, json }));
      terminal.out(text);
    });

  return program;
}
