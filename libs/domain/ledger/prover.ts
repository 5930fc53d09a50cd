import { CHART, layerOf } from './chart';
import type { Template } from './template';
import { currencyFactOf, templateId, termsOf } from './template';

/**
 * What keeps a template from being posted whatever the amounts are.
 *
 * Debits minus credits of a template are a linear form over its symbols. It is zero for all amounts exactly when the
 * coefficients of each symbol sum to zero in each currency; so a handful of additions stands for all amounts there are.
 * A symbol of members stands for its sum over them, on every line, so it is summed like any other.
 */
export function flawsOf(template: Template): readonly string[] {
  return [...residuesOf(template), ...misplacedLinesOf(template)].map(
    (flaw) => `${templateId(template)}: ${flaw}`,
  );
}

function residuesOf({ lines }: Template): readonly string[] {
  const residues = new Map<string, number>();
  for (const line of lines) {
    for (const [symbol, coefficient] of termsOf(line.amount)) {
      const term = `${symbol} in ${currencyFactOf(line)}`;
      const signed = line.side === 'debit' ? coefficient : -coefficient;
      residues.set(term, (residues.get(term) ?? 0) + signed);
    }
  }
  return [...residues].filter(([, left]) => left !== 0).map(([term, left]) => `leaves ${left} ${term}`);
}

function misplacedLinesOf({ layer, lines }: Template): readonly string[] {
  const misplaced = lines.filter(({ account }) => layerOf(CHART[account]) !== layer);
  const broken = lines.flatMap(({ amount }) =>
    termsOf(amount).filter(([, coefficient]) => !Number.isSafeInteger(coefficient) || coefficient === 0),
  );
  return [
    ...misplaced.map(({ account }) => `posts ${account} in the layer ${layer}`),
    ...broken.map(([symbol, coefficient]) => `has ${coefficient} ${symbol}`),
    ...(lines.length < 2 ? ['has one side only'] : []),
  ];
}
