import { PERSONS_FLOW_KINDS, type ListedOpenFlow, type OpenFlowKind } from '@tender/readmodels';

/** Names of how long somebody should have looked already, and from when on they apply, ms. */
export const AGE_BANDS = [
  { name: 'fresh', fromMs: 0 },
  { name: '1m', fromMs: 60_000 },
  { name: '15m', fromMs: 15 * 60_000 },
  { name: '1h', fromMs: 3_600_000 },
  { name: '24h', fromMs: 24 * 3_600_000 },
] as const;

export type AgeBand = (typeof AGE_BANDS)[number]['name'];

export const OPEN_FLOW_KINDS: readonly OpenFlowKind[] = [
  'outcome_unknown',
  'operation_open',
  'refund_open',
  'requires_action',
  'requires_capture',
  ...PERSONS_FLOW_KINDS,
];

/** What nobody knows the end of, and what a person has to do, is told from this age on. */
export const TOLD_FROM_MS = 15 * 60_000;
const TOLD: ReadonlySet<OpenFlowKind> = new Set([
  'outcome_unknown',
  'operation_open',
  'refund_open',
  ...PERSONS_FLOW_KINDS,
]);

/** More flows than this are counted and not told one by one. */
export const MAX_TOLD_FLOWS = 10_000;

type Flow = Pick<ListedOpenFlow, 'stream' | 'subject' | 'kind' | 'due'>;

export interface OldFlow {
  readonly stream: string;
  readonly subject: string;
  readonly kind: OpenFlowKind;
  readonly age: AgeBand;
}

/** The `due` of a flow begins with its time. */
const dueMsOf = ({ due }: Flow): number => Date.parse(due.split(' ', 1)[0] ?? '');

function bandOf(ageMs: number): AgeBand {
  const reached = AGE_BANDS.filter(({ fromMs }) => ageMs >= fromMs);
  return reached.at(-1)?.name ?? AGE_BANDS[0].name;
}

/**
 * Escalation by age: how many flows of each kind are how long overdue, and each old one told once in each band. Age
 * never ends a flow; it only makes people look.
 */
export class OpenFlowAges {
  private counted = new Map<string, number>();
  private counting = new Map<string, number>();
  private told = new Map<string, AgeBand>();
  private telling = new Map<string, AgeBand>();

  constructor(private readonly tell: (flow: OldFlow) => void) {}

  /** As of the last round that went to its end. */
  count(kind: OpenFlowKind, age: AgeBand): number {
    return this.counted.get(`${kind} ${age}`) ?? 0;
  }

  /** A flow that a round has come by. */
  saw(flow: Flow, nowMs: number): void {
    const { stream, subject, kind } = flow;
    const ageMs = nowMs - dueMsOf(flow);
    const age = bandOf(ageMs);
    const cell = `${kind} ${age}`;
    this.counting.set(cell, (this.counting.get(cell) ?? 0) + 1);
    if (ageMs < TOLD_FROM_MS || !TOLD.has(kind) || this.telling.size >= MAX_TOLD_FLOWS) return;
    const key = `${stream}/${subject}`;
    this.telling.set(key, age);
    if (this.told.get(key) !== age) this.tell({ stream, subject, kind, age });
  }

  /** The round has seen everything that is open: what it did not see has ended. */
  roundEnds(): void {
    this.counted = this.counting;
    this.told = this.telling;
    this.roundBegins();
  }

  /** Also after a round that failed. */
  roundBegins(): void {
    this.counting = new Map();
    this.telling = new Map();
  }
}
