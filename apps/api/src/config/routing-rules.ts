import { isCurrency, type PspName, type RoutingRule } from '@tender/domain';
import { MAX_ROUTING_RULES, MAX_ROUTING_WEIGHT } from './limits';

type Fields = Readonly<Record<string, unknown>>;
type Report = (problem: string) => void;

const NAME = /^[\w.-]{1,64}$/;
const FIELDS = [
  'name',
  'merchants',
  'currencies',
  'amount_from',
  'amount_to',
  'card_brands',
  'order',
  'weights',
];

/**
 * Routing rules as they are configured:
 * `{ "name", "merchants"?, "currencies"?, "amount_from"?, "amount_to"?, "card_brands"?, and "order" or "weights" }`.
 * Every problem names its rule and field, all at once; with a problem, the rules are of no use.
 */
export function readRoutingRules(
  listed: unknown,
  psps: readonly PspName[],
): { readonly rules: readonly RoutingRule[]; readonly problems: readonly string[] } {
  if (!Array.isArray(listed)) return { rules: [], problems: ['must be a list of rules'] };
  if (listed.length > MAX_ROUTING_RULES)
    return { rules: [], problems: [`has ${listed.length} rules, ${MAX_ROUTING_RULES} are the limit`] };
  const problems: string[] = [];
  const names = new Set<unknown>();
  const rules = listed.map((entry: unknown, index) => {
    const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as Fields;
    const { name } = fields;
    const place = `rule ${index + 1}${typeof name === 'string' && NAME.test(name) ? ` (${name})` : ''}`;
    const report: Report = (problem) => problems.push(`${place}: ${problem}`);
    if (names.has(name)) report('name is that of an earlier rule');
    names.add(name);
    return readRule(fields, psps, report);
  });
  return { rules, problems };
}

function readRule(fields: Fields, psps: readonly PspName[], report: Report): RoutingRule {
  const { name, amount_from: from, amount_to: to } = fields;
  for (const field of Object.keys(fields)) {
    if (!FIELDS.includes(field)) report(`${field.slice(0, 64)} is no field; there are: ${FIELDS.join(', ')}`);
  }
  if (typeof name !== 'string' || !NAME.test(name)) report('name must be 1 to 64 of A-Z a-z 0-9 _ . -');
  const merchants = readList(fields, 'merchants', (text) => NAME.test(text), 'of merchants', report);
  const currencies = readList(fields, 'currencies', isCurrency, 'of ISO 4217 codes', report);
  const cardBrands = readList(fields, 'card_brands', (text) => /^[a-z_]+$/.test(text), 'like "visa"', report);
  const amountFromMinor = readAmount(fields, 'amount_from', report);
  const amountToMinor = readAmount(fields, 'amount_to', report);
  if ((from !== undefined || to !== undefined) && fields.currencies === undefined)
    report('currencies must be given with an amount: 1000 is not the same everywhere');
  if (amountFromMinor !== undefined && amountToMinor !== undefined && amountFromMinor > amountToMinor)
    report('amount_to must not be less than amount_from');
  return {
    name: String(name),
    when: {
      ...(merchants && { merchants }),
      ...(currencies && { currencies }),
      ...(cardBrands && { cardBrands }),
      ...(amountFromMinor !== undefined && { amountFromMinor }),
      ...(amountToMinor !== undefined && { amountToMinor }),
    },
    prefer: readPreference(fields, psps, report),
  };
}

function readPreference(
  { order, weights }: Fields,
  psps: readonly PspName[],
  report: Report,
): RoutingRule['prefer'] {
  const known = `PSPs of TENDER_PSPS (${psps.join(', ')})`;
  if ((order === undefined) === (weights === undefined)) {
    report('must have either order or weights');
  } else if (order !== undefined) {
    const found = psps.filter((psp) => Array.isArray(order) && order.includes(psp));
    if (Array.isArray(order) && order.length > 0 && found.length === order.length)
      return { kind: 'order', psps: order as readonly PspName[] };
    report(`order must list, once each: ${known}`);
  } else {
    const entries = Object.entries((weights ?? {}) as Fields);
    const found = entries.flatMap(([name, weight]) => {
      const psp = psps.find((each) => each === name);
      return psp !== undefined && isWeight(weight) ? [{ psp, weight }] : [];
    });
    if (found.length === entries.length && found.some(({ weight }) => weight > 0))
      return { kind: 'weights', weights: found };
    report(`weights must give an integer from 0 to ${MAX_ROUTING_WEIGHT}, not all of them 0, to ${known}`);
  }
  return { kind: 'order', psps };
}

const isWeight = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_ROUTING_WEIGHT;

function readList(
  fields: Fields,
  field: string,
  isGood: (text: string) => boolean,
  what: string,
  report: Report,
): readonly string[] | undefined {
  const value = fields[field];
  if (value === undefined) return undefined;
  const texts = Array.isArray(value) ? value.filter((item) => typeof item === 'string' && isGood(item)) : [];
  if (Array.isArray(value) && texts.length > 0 && texts.length === value.length) return texts as string[];
  report(`${field} must be a list ${what}`);
  return undefined;
}

function readAmount(fields: Fields, field: string, report: Report): bigint | undefined {
  const value = fields[field];
  if (value === undefined) return undefined;
  if (Number.isSafeInteger(value) && Number(value) >= 0) return BigInt(value as number);
  report(`${field} must be an integer of minor units`);
  return undefined;
}
