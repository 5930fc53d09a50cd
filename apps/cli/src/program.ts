import {
  PSP_NAMES,
  REFUND_RESOLUTION_FOUND,
  uuidOf,
  type PspName,
  type RefundResolutionFound,
} from '@tender/domain';
import { ParkedNoticesModel } from '@tender/readmodels';
import { Argument, Command, CommanderError, Option } from 'commander';
import { auditPayment } from './audit/audit';
import { CliFailure, EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-codes';
import { momentFrom, timeFrom } from './replay/moment';
import { ledgerResume, ledgerStatus } from './rebuild/ledger-resume';
import { rebuild, REBUILDABLE, type Rebuildable } from './rebuild/rebuild';
import { replayPayment } from './replay/replay';
import { replayAccount } from './replay/replay-account';
import { failureOf, findStores, withLog, withReadStore, withStores, type Variables } from './stores';
import { paymentIdFrom, paymentIdOfSubject } from './subject';
import type { Terminal } from './terminal';
import { verify } from './verify/verify';
import { noticeGateways } from './webhooks/notice-gateways';
import { resolveByWord } from './resolve/resolve';
import { replayWebhooks } from './webhooks/replay-webhooks';

export interface Surroundings {
  readonly variables: Variables;
  readonly terminal: Terminal;
  /** Whether somebody wants a long command to end. */
  readonly stopped: () => boolean;
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

function programOf(surroundings: Surroundings, end: (code: ExitCode) => void): Command {
  const { terminal } = surroundings;
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

  addReading(program, surroundings);
  addChecking(program, surroundings, end);
  addNotices(program, surroundings, end);
  addResolving(program, surroundings);
  return program;
}

interface ReplayOptions {
  readonly account?: string;
  readonly key?: string;
  readonly to: string;
  readonly json: boolean;
}

/** What happened. */
function addReading(program: Command, { variables, terminal }: Surroundings): void {
  program
    .command('audit')
    .summary('tell the whole story of a payment')
    .description(
      'Every event of a payment in order, with its cause, its actor and the PSP’s evidence, from the streams alone.',
    )
    .argument('<payment>', 'pay_…, a refund re_…, an attempt att_…, a uuid, or a stream name')
    .option('--json', 'as JSON', false)
    .action(async (payment: string, options: { json: boolean }) => {
      if (uuidOf('re', payment) === undefined) paymentIdFrom(payment);
      const text = await withLog(findStores(variables), async (log) =>
        auditPayment(log, await paymentIdOfSubject(log, payment), options),
      );
      terminal.out(text);
    });

  program
    .command('replay')
    .summary('show a payment or an account as it was at a moment')
    .description(
      'Folds the payment’s stream, or adds up journals that are derived from all streams, up to a moment, that moment included.',
    )
    .argument('[payment]', 'pay_…, an attempt att_…, a uuid, or a stream name')
    .option('--account <number>', 'instead of a payment: an account of the ledger')
    .option('--key <key>', 'of the account: one key only')
    .requiredOption(
      '--to <moment>',
      'RFC 3339 time, position (1234/1234), or a number: revision of the payment, journal of the ledger',
    )
    .option('--json', 'as JSON', false)
    .action(async (payment: string | undefined, options: ReplayOptions) => {
      const { account, key, json } = options;
      const to = momentFrom(options.to);
      if ((payment === undefined) === (account === undefined) || (key !== undefined && account === undefined))
        throw new CliFailure(EXIT.usage, 'Give a payment, or --account with or without --key.');
      const subject = payment === undefined ? undefined : paymentIdFrom(payment);
      const text = await withLog(findStores(variables), (log) =>
        subject === undefined
          ? replayAccount(log, { account: account ?? '', key, to, json })
          : replayPayment(log, subject, { to, json }),
      );
      terminal.out(text);
    });
}

/** Whether what is derived is what the streams make, and making it again. */
function addChecking(
  program: Command,
  { variables, terminal, stopped }: Surroundings,
  end: (code: ExitCode) => void,
): void {
  program
    .command('verify')
    .summary('hold everything that is derived against the streams')
    .description(
      'Derives journals, balances, the documents of payments and refunds, the notices that wait, and outcomes from the streams again, without any subscription, and names each divergence. Exit code 1 where there is one.',
    )
    .option('--follow', 'go on with what is recorded later, until Ctrl-C', false)
    .option('--json', 'one JSON object a line: each divergence, then the summary', false)
    .action(async ({ follow, json }: { follow: boolean; json: boolean }) => {
      const work = { follow, json, stopped };
      end(await withStores(findStores(variables), (log, store) => verify(log, store, terminal, work)));
    });

  program
    .command('rebuild')
    .summary('make a read model again beside the live one, compare, and switch')
    .description(
      'Nothing has to be stopped for it, and cut off in the middle it goes on from there the next time.',
    )
    .addArgument(new Argument('<model>', 'what is made again').choices(REBUILDABLE))
    .option('--fresh', 'begin anew instead of going on with an unfinished one', false)
    .option('--accept-differences', 'switch although the live one is not what the streams make', false)
    .option('--drop-old', 'remove what was live before', false)
    .action(
      async (
        model: Rebuildable,
        options: { fresh: boolean; acceptDifferences: boolean; dropOld: boolean },
      ) => {
        const work = { ...options, stopped };
        end(
          await withStores(findStores(variables), (log, store) => rebuild(log, store, terminal, model, work)),
        );
      },
    );

  const ledger = program.command('ledger').summary('whether the books are being kept');
  ledger
    .command('status')
    .description('Which books are live, and whether they are halted (exit code 1) and why.')
    .action(async () => {
      end(await withReadStore(findStores(variables), (store) => ledgerStatus(store, terminal)));
    });
  ledger
    .command('resume')
    .description('Lets the books go on after a halt that somebody has looked at.')
    .action(async () => {
      end(await withReadStore(findStores(variables), (store) => ledgerResume(store, terminal)));
    });
}

interface NoticesOptions {
  readonly psp?: PspName;
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
}

const REPLAY_NOTICES_HELP = `
May be run at any time and as often as one likes, also while workers work: payments and refunds know what they were
told, and a notice that tells nothing new changes nothing. Cut off in the middle, the same command begins anew.

STRIPE_API_KEY, of the account that the notices came from: disputes at Stripe name a charge and nothing of ours, so Stripe
is asked whose it is. Without the key those notices are named as unread (exit code ${EXIT.incomplete}); all others need no secret.
STRIPE_BASE_URL: a simulator instead of Stripe.`;

/** What PSPs have told. */
function addNotices(
  program: Command,
  { variables, terminal, stopped }: Surroundings,
  end: (code: ExitCode) => void,
): void {
  const webhooks = program.command('webhooks').summary('what PSPs have told');
  webhooks
    .command('replay')
    .summary('read stored notices again')
    .description(
      'Reads stored notices again in the order of the log, after a mistake in reading them was mended, and counts what came of them.',
    )
    .addOption(new Option('--psp <psp>', 'only those of this PSP').choices(PSP_NAMES))
    .option('--from <time>', 'only those recorded from then on, RFC 3339')
    .option('--to <time>', 'only those recorded before, RFC 3339')
    .option('--json', 'as JSON', false)
    .addHelpText('after', REPLAY_NOTICES_HELP)
    .action(async ({ psp, from, to, json }: NoticesOptions) => {
      const fromMs = from === undefined ? undefined : timeFrom('--from', from);
      const toMs = to === undefined ? undefined : timeFrom('--to', to);
      if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs)
        throw new CliFailure(EXIT.usage, '--from has to be before --to.');
      const gateways = noticeGateways(variables);
      const work = { psp, fromMs, toMs, json, stopped };
      try {
        const code = await withStores(
          findStores(variables),
          (log, store) =>
            replayWebhooks(
              { log, parked: new ParkedNoticesModel(store), byPsp: gateways.byPsp },
              terminal,
              work,
            ),
          { readOnly: false },
        );
        end(code);
      } finally {
        gateways.close();
      }
    });
}

interface ResolvingOptions {
  readonly found: RefundResolutionFound;
  readonly by: string;
  readonly evidence: string;
  readonly pspReference?: string;
  readonly occurredAt?: string;
}

const RESOLVE_HELP = `
For a capture, a cancel, a reversal or a refund whose PSP stays silent past its key, and for a charge that the PSP would
not give back: the log line and the gauge of open flows name it. The word has the effect of the PSP's own: it moves the books, and
a charge that was surely not given back is given back by another request. Who told it, and why, stays in the audit trail.`;

/** What a person found out at a PSP. */
function addResolving(program: Command, { variables, terminal }: Surroundings): void {
  program
    .command('resolve')
    .summary('tell how an operation or a refund stands that nothing else tells the end of')
    .argument('<name>', 'att_…-capture-1, att_…-cancel-1, att_…-reversal-1, or re_…-1: a try of a refund')
    .addOption(
      new Option(
        '--found <found>',
        'what the PSP shows: it was done, or surely not; of a refund also: done, and the money came back',
      )
        .choices(REFUND_RESOLUTION_FOUND)
        .makeOptionMandatory(),
    )
    .requiredOption('--by <name>', 'who looked')
    .requiredOption('--evidence <text>', 'where, and what was seen')
    .option('--psp-reference <reference>', 'the PSP’s name of it; required where it was done')
    .option(
      '--occurred-at <time>',
      'when the PSP did it, or the money came back, RFC 3339; default: when it was asked to, or of returned: now',
    )
    .addHelpText('after', RESOLVE_HELP)
    .action(async (name: string, options: ResolvingOptions) => {
      const { found, by, evidence, pspReference, occurredAt } = options;
      const occurredAtMs = occurredAt === undefined ? undefined : timeFrom('--occurred-at', occurredAt);
      const told = { found, by, evidence, pspReference, occurredAtMs };
      await withLog(findStores(variables), (log) => resolveByWord(log, terminal, name, told), {
        readOnly: false,
      });
    });
}
