import type { Account, EventType, Journal, JournalLine, Side, Template, TemplateLine } from '@tender/domain';
import {
  ACCOUNT_NUMBERS,
  accountOf,
  balancesOf,
  BOOKINGS,
  EVENT_CATALOG,
  exponentOf,
  netOf,
  TEMPLATE_GROUPS,
  templateId,
  termsOf,
  totalsOf,
} from '@tender/domain';
import type { Example, ExampleStep } from '@tender/testing';

/** The page of the ledger, from the chart, the templates, the bookings and the executed examples alone. */
export function renderLedger(examples: readonly Example[]): string {
  const journals = examples.flatMap(({ steps }) => steps.flatMap((step) => step.journals));
  return `${[
    '# The ledger',
    '',
    'Written by `test/golden/ledger-page.spec.ts` from executed examples; do not edit. `UPDATE_GOLDEN=1` before the test writes it again.',
    '',
    ...refundFirst(examples),
    '',
    ...RULES,
    '',
    ...chart(),
    '',
    '## Worked examples',
    '',
    'Each line is a journal, made by the code that books the log, or by the template that is ready for an event of later work. Amounts',
    'are in minor units; `1110[att_p1]` is the account and the key that has to clear in it. *Memo* lines are no part of the balance.',
    '',
    ...examples.flatMap(exampleLines),
    ...trialBalance(journals),
    '',
    ...events(),
    '',
    ...templates(),
    '',
    ...OUTSIDE,
  ].join('\n')}\n`;
}

function refundFirst(examples: readonly Example[]): readonly string[] {
  const [first] = examples;
  const accepted = first?.steps.findIndex(({ eventType }) => eventType === 'RefundAccepted') ?? -1;
  const steps = first?.steps.slice(accepted, accepted + 2) ?? [];
  return [
    '## How is a partial refund against a captured payment booked?',
    '',
    'By two journals. When the PSP accepts the refund, so much of the sale becomes a debt to the buyer, under a key of its own; when the',
    'PSP’s record shows that the money has left its balance, the record clears that key. Of 100.00 captured, 30.00 are given back:',
    '',
    ...stepTable(steps),
    '',
    'The request alone posts nothing, and the PSP’s fee for the charge stays where it is. A refund that fails is still owed: it moves to',
    '`2015`, and from there to another try, or back to the sale when somebody gives it up. The whole case is the first example below.',
  ];
}

const RULES = [
  '## Rules',
  '',
  '1. These are the books of payments, one set for each merchant. A sale is credited to `sales_clearing`, which the merchant’s own books clear; no revenue of his is recognised here.',
  '2. A journal is posted only from an event of the log, by a named and versioned template, and its id is made of the event’s: delivered twice, it is posted once. From the same log the same books are made, byte for byte.',
  '3. Own claims first, evidence second. Our event opens a receivable under a key; the PSP’s own record clears that key and moves the money to `psp_balance`, which equals what the PSP reports. What is not reconciled is a balance with an age.',
  '4. Two layers. What is only promised (an authorisation) or not known (an outcome in doubt) is *memo*: balanced for itself, and never mixed with the posted.',
  '5. An unknown outcome is posted nowhere. It becomes money only by proof.',
  '6. Nothing is changed or deleted. A correction is a journal that takes another one back, whole, and a new one.',
  '7. Amounts are positive integers with a side; each journal balances in each currency and layer. Between currencies stands a position in `fx_trading`, never a rate.',
  '8. Every template is proved: the sum of its coefficients is zero for each symbol, so it balances for every amount there is. The prover and the postings read the same definition.',
];

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(...heads),
  `|${heads.map(() => '---').join('|')}|`,
  ...rows.map((cells) => row(...cells)),
];

const known = (number: string): Account => {
  const account = accountOf(number);
  if (account === undefined) throw new Error(`${number} is no account`);
  return account;
};

function chart(): readonly string[] {
  return [
    '## Chart of accounts',
    '',
    'The key is what has to clear within the account. “Never” means that a balance on the other side, for any key, is a fault.',
    '',
    ...table(
      ['no.', 'name', 'normal', 'key', 'other side', 'must hold'],
      ACCOUNT_NUMBERS.map((number) => {
        const { name, normal, key, neverOnOtherSide, rule } = known(number);
        const other = neverOnOtherSide ? 'never' : 'may be';
        return [number, `\`${name}\``, normal ?? '–', key ?? '–', other, rule];
      }),
    ),
  ];
}

const side = (lines: readonly JournalLine[], wanted: Side): string =>
  lines
    .filter((line) => line.side === wanted)
    .map(({ account, key, currency, amountMinor }) => {
      const keyed = key === '' ? account : `${account}[${key}]`;
      return `${keyed} ${amountMinor}${currency === 'USD' ? '' : ` ${currency}`}`;
    })
    .join(' · ');

const stepTable = (steps: readonly ExampleStep[]): readonly string[] =>
  table(
    ['event', '', 'debit', 'credit'],
    steps.flatMap(({ eventType, says, journals }) =>
      journals.length === 0
        ? [[`\`${eventType}\``, says, '–', '–']]
        : journals.map(({ layer, lines }, at) => [
            at === 0 ? `\`${eventType}\`` : '',
            `${at === 0 ? says : ''}${layer === 'memo' ? ' *memo*' : ''}`.trim(),
            side(lines, 'debit'),
            side(lines, 'credit'),
          ]),
    ),
  );

const exampleLines = ({ title, meaning, steps }: Example): readonly string[] => [
  `### ${title}`,
  '',
  meaning,
  '',
  ...stepTable(steps),
  '',
];

function major(amountMinor: bigint, currency: string): string {
  const digits = exponentOf(currency) ?? 0;
  const text = amountMinor.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function trialBalance(journals: readonly Journal[]): readonly string[] {
  const balances = balancesOf(journals, 'account');
  const standing = balances.filter((balance) => netOf(balance) !== 0n);
  return [
    '### The trial balance of all examples',
    '',
    `${journals.length} journals, ${journals.flatMap(({ lines }) => lines).length} lines. Every key of a clearing account is zero, and so is the memo.`,
    '',
    ...table(
      ['account', 'currency', 'debit', 'credit'],
      [
        ...standing.map((balance) => {
          const { account, currency } = balance;
          const net = netOf(balance);
          return [
            `${account} \`${known(account).name}\``,
            currency,
            net > 0n ? major(net, currency) : '',
            net < 0n ? major(-net, currency) : '',
          ];
        }),
        ...totalsOf(standing).map(({ currency, debitMinor, creditMinor }) => [
          '**total**',
          currency,
          `**${major(debitMinor, currency)}**`,
          `**${major(creditMinor, currency)}**`,
        ]),
      ],
    ),
  ];
}

function events(): readonly string[] {
  const types = Object.keys(EVENT_CATALOG) as EventType[];
  const spoken = types.map((type) => [type, BOOKINGS[type]] as const);
  return [
    '## What each event posts',
    '',
    'A new event does not compile until the ledger has spoken.',
    '',
    ...table(
      ['event', 'by', 'when'],
      spoken
        .filter(([, { by }]) => by.length > 0)
        .map(([type, { by, because }]) => [
          `\`${type}\``,
          by.map((one) => `\`${templateId(one)}\``).join(', '),
          because,
        ]),
    ),
    '',
    '### Posts nothing, because …',
    '',
    ...table(
      ['event', 'because'],
      spoken.filter(([, { by }]) => by.length === 0).map(([type, { because }]) => [`\`${type}\``, because]),
    ),
  ];
}

function linesOf({ lines }: Template, wanted: Side): string {
  return lines
    .filter((line) => line.side === wanted)
    .map((line) => `${keyedAccount(line)} ${formText(line)}`)
    .join(' · ');
}

function keyedAccount({ account, key, each }: TemplateLine): string {
  const dimension = key ?? known(account).key;
  return `${each === true ? 'each ' : ''}${account}${dimension === null ? '' : `[${dimension}]`}`;
}

function formText({ amount, currency }: TemplateLine): string {
  const terms = termsOf(amount).map(([symbol, coefficient], at) => {
    const sign = coefficient < 0 ? '− ' : at === 0 ? '' : '+ ';
    return `${sign}${symbol}`;
  });
  return `${terms.join(' ')}${currency === undefined ? '' : ` in ${currency}`}`;
}

const templates = (): readonly string[] => [
  '## Templates',
  '',
  'A template that has posted is never changed; a change is a new version beside it. A line that comes to less than zero stands on the',
  'other side.',
  ...TEMPLATE_GROUPS.flatMap((group) => [
    '',
    `### ${group.title}`,
    '',
    ...table(
      ['template', 'meaning', 'debit', 'credit'],
      group.templates.map((one) => [
        `\`${templateId(one)}\`${one.layer === 'memo' ? ' *memo*' : ''}`,
        one.meaning,
        linesOf(one, 'debit'),
        linesOf(one, 'credit'),
      ]),
    ),
  ]),
];

const OUTSIDE = [
  '## Checked from outside',
  '',
  'The books can be written as an [hledger](https://hledger.org) journal, one transaction a journal, the memo under an account of its own, and the',
  'balances at the end as assertions. `hledger check --strict` passes for the examples above and fails when one cent of them is changed',
  '([`hledger.spec.ts`](../test/contract/ledger/hledger.spec.ts)). Each journal’s hash commits to its content and to all journals before it',
  '([`canonical.ts`](../libs/domain/ledger/canonical.ts)).',
];
