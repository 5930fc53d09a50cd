import type { Book, Divergence } from '@tender/domain';
import type { CheckpointPosition } from '../checkpoints';
import { LedgerNotPrepared, MalformedDocument } from '../failures';
import { definedFilter } from '../filters';
import type { LedgerCollections, LedgerVersion } from '../ledger/ledger-collections';
import { ledgerCollections } from '../ledger/ledger-collections';
import { storedHead } from '../ledger/ledger-state';
import type { LedgerEvent, LedgerHead } from '../ledger/posting';
import { isAfter } from '../ledger/posting';
import type { StoredTotals } from '../ledger/totals';
import { added, NOTHING, totalsOf } from '../ledger/totals';
import { fromJournalDocument } from '../ledger/journal-document';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import type { ReadStore } from '../read-store';
import { claimedPlace } from './claimed-place';
import { ClaimsAhead, isUnfounded } from './claims-ahead';
import { differences } from './differences';
import { DerivedLedger, Underivable, type DerivedBatch, type LedgerHistories } from './derived-ledger';
import {
  comparedJournals,
  comparedStreams,
  comparedTotals,
  LEDGER,
  ledgerDivergence,
} from './ledger-comparison';
import { totalsUpTo } from './verified-totals';

export interface LedgerCheckDeps {
  readonly store: ReadStore;
  readonly version: LedgerVersion;
  readonly prefixes: readonly string[];
  readonly histories: LedgerHistories;
  readonly book: Book;
  /** Where an earlier walk had come to. */
  readonly from?: LedgerHead;
  readonly maxTotals?: number;
  readonly maxBooks?: number;
}

/** Totals that stood further on than they were derived to, awaited at their journals' numbers. */
const MAX_TOTALS_AWAITED = 10_000;
/** Of one sort, named one by one; they all come from one mistake. */
const MAX_EXTRA_NAMED = 100;

/**
 * Holds the books against those that the streams make: every journal with its number, lines, running totals and hash,
 * every balance, how far each stream was read, and the head of the chain.
 */
export class LedgerCheck {
  readonly name = LEDGER;
  readonly #collections: LedgerCollections;
  readonly #derived: DerivedLedger;
  readonly #awaited = new Map<string, StoredTotals>();
  readonly #ahead = new ClaimsAhead();
  #checkpoint: LedgerHead | undefined;
  /** The streams make no books: there is nothing to compare with from there on. */
  #underivable = false;

  constructor(private readonly deps: LedgerCheckDeps) {
    this.#collections = ledgerCollections(deps.store, deps.version);
    this.#derived = new DerivedLedger({ ...deps, collections: this.#collections }, deps.from);
  }

  get prefixes(): readonly string[] {
    return this.deps.prefixes;
  }

  /** Where a later walk may go on: everything before was looked at. */
  get head(): LedgerHead {
    return this.#derived.head;
  }

  applied(): Promise<CheckpointPosition | Divergence | undefined> {
    return claimedPlace(LEDGER, () => this.#applied());
  }

  async #applied(): Promise<CheckpointPosition | undefined> {
    try {
      this.#checkpoint = await storedHead(this.#collections);
    } catch (error) {
      if (error instanceof LedgerNotPrepared) return undefined;
      throw error;
    }
    const { at, seq } = this.#checkpoint;
    // books that have journals and say that they have read nothing are wrong, and not new
    return at.commit < 0n && seq === 0n ? undefined : at;
  }

  async take(events: readonly LedgerEvent[]): Promise<readonly Divergence[]> {
    if (this.#underivable) return [];
    let derived: DerivedBatch;
    try {
      derived = await this.#derived.derive(events);
    } catch (error) {
      if (!(error instanceof Underivable || error instanceof MalformedDocument)) throw error;
      this.#underivable = true;
      // a journal that was named before, and that later totals would be derived from
      if (error instanceof MalformedDocument)
        return [ledgerDivergence('different', error.place, null, 'a sum to go on from', error.why)];
      const { stream = '', revision = 0n } = events[0] ?? {};
      return [
        ledgerDivergence(
          'broken_chain',
          stream,
          `from revision ${revision}`,
          'streams that make books',
          error.message,
        ),
      ];
    }
    const { batch } = derived;
    const journals = await comparedJournals(this.#collections, batch);
    const arrived = this.#arrived(derived);
    const { found, ahead } = await comparedTotals(this.#collections, batch);
    const streams = await comparedStreams(this.#collections, batch, this.#ahead);
    for (const [id, totals] of ahead)
      if (this.#awaited.size < MAX_TOTALS_AWAITED && !this.#awaited.has(id)) this.#awaited.set(id, totals);
    return [...journals, ...this.#headReached(derived), ...arrived, ...found, ...streams];
  }

  /** What awaited totals have come to at their number. */
  #arrived({ batch, totalsBefore }: DerivedBatch): readonly Divergence[] {
    const found: Divergence[] = [];
    const running = new Map(totalsBefore);
    for (const document of batch.journals) {
      if (this.#awaited.size === 0) break;
      const journal = fromJournalDocument(document);
      for (const line of journal.lines) {
        for (const id of totalsOf(journal, line, document.recordedUpTo))
          running.set(id, added(running.get(id) ?? NOTHING, line));
      }
      for (const line of journal.lines) {
        for (const id of totalsOf(journal, line, document.recordedUpTo)) {
          const stored = this.#awaited.get(id);
          if (stored === undefined || stored.seq > document.seq) continue;
          this.#awaited.delete(id);
          const { debit, credit } = running.get(id) ?? NOTHING;
          if (stored.seq === document.seq && stored.debit === debit && stored.credit === credit) continue;
          const [expected, is] = [
            `${debit}/${credit} at ${document.seq}`,
            `${stored.debit}/${stored.credit} at ${stored.seq}`,
          ];
          found.push(ledgerDivergence('different', id, 'debit/credit', expected, is));
        }
      }
    }
    return found;
  }

  /** The head that the books claimed when the walk began, once it is derived. */
  #headReached({ batch }: DerivedBatch): readonly Divergence[] {
    const claimed = this.#checkpoint;
    const journal = batch.journals.find(({ seq }) => seq === claimed?.seq);
    if (claimed === undefined || journal === undefined || journal.hash === claimed.hash) return [];
    const at = `journal ${claimed.seq}`;
    return [ledgerDivergence('broken_chain', `head of ${this.deps.version}`, at, journal.hash, claimed.hash)];
  }

  async conclude(upTo: CheckpointPosition): Promise<readonly Divergence[]> {
    if (this.#underivable) return [];
    this.#derived.passed(upTo);
    return [
      ...this.#countReached(upTo),
      ...this.#timeReached(upTo),
      ...(await this.#neverArrived()),
      ...(await this.#extraJournals()),
      ...(await this.#extraTotals()),
      ...(await this.#extraStreams()),
    ];
  }

  #countReached(upTo: CheckpointPosition): readonly Divergence[] {
    const claimed = this.#checkpoint;
    const { seq } = this.#derived.head;
    if (claimed === undefined || isAfter(claimed.at, upTo) || claimed.seq <= seq) return [];
    const id = `head of ${this.deps.version}`;
    return [ledgerDivergence('broken_chain', id, 'seq', seq.toString(), claimed.seq.toString())];
  }

  /** The latest time of all events, which the next journals would be stamped with. */
  #timeReached(upTo: CheckpointPosition): readonly Divergence[] {
    const claimed = this.#checkpoint;
    if (claimed === undefined || isAfter(claimed.at, upTo)) return [];
    return differences(this.#derived.head.recordedUpTo, claimed.recordedUpTo).map(({ expected, found }) =>
      ledgerDivergence('different', `head of ${this.deps.version}`, 'recordedUpTo', expected, found),
    );
  }

  /** Totals that name a journal which does not touch them, or which nobody has posted. */
  async #neverArrived(): Promise<readonly Divergence[]> {
    const { seq: derived } = this.#derived.head;
    const { seq: posted } = await storedHead(this.#collections);
    const lost = [...this.#awaited].filter(([, { seq }]) => seq <= derived || seq > posted);
    return lost.map(([id, { seq }]) => {
      this.#awaited.delete(id);
      return ledgerDivergence('different', id, 'seq', 'a journal that counts in it', seq.toString());
    });
  }

  /** Journals are stored with the head that counts them, so one beyond it was put there by somebody else. */
  async #extraJournals(): Promise<readonly Divergence[]> {
    const { journals } = this.#collections;
    const before = await storedHead(this.#collections);
    const options = { limit: MAX_EXTRA_NAMED, projection: { seq: 1 }, batchSize: MAX_EXTRA_NAMED + 1 };
    const beyond = await journals
      .find(definedFilter({ seq: { $gt: before.seq } }), { ...options, sort: { seq: -1 } })
      .toArray();
    const unnumbered = await journals.find(definedFilter({ seq: { $lt: 1n } }), options).toArray();
    const { seq: head } = await storedHead(this.#collections);
    return [...beyond.filter(({ seq }) => seq > head), ...unnumbered].map(({ _id: id, seq }) =>
      ledgerDivergence('extra', id, `journal ${seq}`, `no journal after ${head}`, 'a journal'),
    );
  }

  async #extraTotals(): Promise<readonly Divergence[]> {
    const { head, seen } = this.#derived;
    const extra: Divergence[] = [];
    const later: { readonly id: string; readonly seq: bigint }[] = [];
    const tell = (id: string, seq: bigint): void => {
      extra.push(ledgerDivergence('extra', id, 'totals', 'no journal counts in it', `totals at ${seq}`));
    };
    const documents = this.#collections.totals.find(
      {},
      { projection: { seq: 1 }, batchSize: MAX_DOCUMENTS_PER_COMMAND },
    );
    for await (const { _id: id, seq } of documents) {
      if (extra.length >= MAX_EXTRA_NAMED) break;
      if (seen.has(id)) continue;
      if (seq > head.seq) {
        if (later.length < MAX_TOTALS_AWAITED) later.push({ id, seq });
        continue;
      }
      const { debit, credit } = await totalsUpTo(this.#collections, id, head.seq);
      if (debit === 0n && credit === 0n) tell(id, seq);
    }
    const { seq: posted } = await storedHead(this.#collections);
    for (const { id, seq } of later) if (seq > posted) tell(id, seq);
    return extra;
  }

  /** Streams' places in the books that no event accounts for, or that the head says are still to come. */
  async #extraStreams(): Promise<readonly Divergence[]> {
    const { histories } = this.deps;
    const { seen } = this.#derived;
    const claims = await this.#ahead.held(histories);
    const extra = claims
      .filter(isUnfounded)
      .map(({ id, revision, last }) =>
        ledgerDivergence('different', id, 'rev', (last?.revision ?? -1n).toString(), revision.toString()),
      );
    let furthest = latestOf(claims.map(({ last }) => last?.position));
    const documents = this.#collections.streams.find(
      {},
      { projection: { rev: 1 }, batchSize: MAX_DOCUMENTS_PER_COMMAND },
    );
    for await (const { _id: stream, rev } of documents) {
      if (seen.has(stream)) continue;
      // written after the walk had begun, or before this check did
      const events = await histories.before(stream, typeof rev === 'bigint' ? rev + 1n : 1n);
      const last = events.at(-1);
      if (last === undefined)
        extra.push(ledgerDivergence('extra', stream, 'stream head', 'no stream', 'a head'));
      furthest = latestOf([furthest, last?.position]);
      if (extra.length >= MAX_EXTRA_NAMED) break;
    }
    return [...extra, ...(await this.#behind(furthest))];
  }

  /**
   * A stream's place is stored with the head that has passed it. A head that is further back would let the projector
   * take events for new that the books have.
   */
  async #behind(furthest: CheckpointPosition | undefined): Promise<readonly Divergence[]> {
    const { at } = await storedHead(this.#collections);
    if (furthest === undefined || !isAfter(furthest, at)) return [];
    const id = `head of ${this.deps.version}`;
    const [expected, found] = [furthest, at].map(({ commit, prepare }) => `${commit}/${prepare}`);
    return [ledgerDivergence('different', id, 'at', `${expected} or later`, found ?? '')];
  }
}

const latestOf = (positions: readonly (CheckpointPosition | undefined)[]): CheckpointPosition | undefined =>
  positions.reduce<CheckpointPosition | undefined>(
    (latest, one) => (one !== undefined && (latest === undefined || isAfter(one, latest)) ? one : latest),
    undefined,
  );
