import { journalsOfStream, sampleStart } from '@tender/testing';
import { createHash } from 'node:crypto';
import { canonicalJournal, chainHash, GENESIS_HASH } from './canonical';
import type { Journal } from './journal';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const [journal] = journalsOfStream([
  ...sampleStart({ captureMethod: 'manual' }),
  {
    type: 'AttemptAuthorized',
    data: {
      attemptId: 'att_486bf88da9ab524e86d8a43de26b416401',
      pspReference: 'pi_1',
      amountMinor: 1_099n,
      currency: 'USD',
      card: null,
      occurredAt: '2026-03-01T12:00:00.000Z',
    },
  },
]) as [Journal];

/** Every field with another value: by its path, so that a field that is added has to stand here. */
function changed(value: unknown): readonly unknown[] {
  if (typeof value === 'bigint') return [value + 1n];
  if (typeof value === 'string') return [`${value}x`];
  if (value === null) return ['x'];
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const each = items.flatMap((item, at) => changed(item).map((other) => items.with(at, other)));
    return [...each, items.toSpliced(0, 1), items.toReversed()];
  }
  return Object.entries(value as object).flatMap(([name, item]) =>
    changed(item).map((other) => ({ ...(value as object), [name]: other })),
  );
}

describe('the canonical form of a journal', () => {
  it('is this text, for ever', () => {
    expect(canonicalJournal(journal)).toBe(
      '["tender-journal-1","payment-1-2:1","demo","memo","authorization.opened@1","2026-03-01T12:00:00.000Z",' +
        '"2026-03-01T12:00:00.000Z","486bf88d-a9ab-524e-86d8-a43de26b4164",["payment-1","2","payment-1-2","AttemptAuthorized"],' +
        '[["9010","att_486bf88da9ab524e86d8a43de26b416401","USD","debit","1099","stripe"],' +
        '["9020","att_486bf88da9ab524e86d8a43de26b416401","USD","credit","1099","stripe"]],null]',
    );
  });

  it('changes with every field, and with the order of the lines', () => {
    const others = changed(journal) as readonly Journal[];
    expect(others.length).toBeGreaterThan(25);
    const texts = new Set([journal, ...others].map(canonicalJournal));
    expect(texts.size).toBe(others.length + 1);
  });

  it('does not depend on the order in which the fields were written', () => {
    const backwards = Object.fromEntries(Object.entries(journal).reverse()) as unknown as Journal;
    expect(canonicalJournal(backwards)).toBe(canonicalJournal(journal));
  });
});

describe('the chain of hashes', () => {
  const chained = (journals: readonly Journal[]): string =>
    journals.reduce((prev, one, at) => chainHash(sha256, prev, one, BigInt(at + 1)), GENESIS_HASH);
  const three = ['1', '2', '3'].map((id): Journal => ({ ...journal, id }));

  it('ends in the same head for the same journals, and in another one for any other', () => {
    const [a, b, c] = three as [Journal, Journal, Journal];
    const heads = [
      [a, b, c],
      [a, c, b],
      [a, b],
      [b, c],
      [a, b, c, c],
      [a, b, { ...c, ledger: 'other' }],
    ].map(chained);
    expect(new Set(heads).size).toBe(heads.length);
    expect(chained(three)).toBe(heads[0]);
  });

  it('commits to the place of a journal, too', () => {
    expect(chainHash(sha256, GENESIS_HASH, journal, 1n)).not.toBe(
      chainHash(sha256, GENESIS_HASH, journal, 2n),
    );
  });
});
