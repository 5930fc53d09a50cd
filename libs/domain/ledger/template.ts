import type { PspName } from '../psp/outcome';
import type { AccountNumber, CHART } from './chart';
import type { Layer, Side } from './journal';

/** Symbols with whole coefficients: `{ gross: 1, fee: -1 }` is gross − fee; `'gross'` alone is one gross. */
export type Form = string | Readonly<Record<string, number>>;

/**
 * One line of a template. What it is keyed by is told by the chart, unless another fact is named.
 *
 * `each`: the line is made once for each member (a seller of an order); its amounts and its key are the member's. In a
 * line without it, a member's symbol stands for the sum over all members.
 */
export interface TemplateLine {
  readonly account: AccountNumber;
  readonly side: Side;
  readonly amount: Form;
  /** The fact that is the key, where it is not the one that the chart names. */
  readonly key?: string;
  /** The fact that is the currency; `currency` where none is named. */
  readonly currency?: string;
  readonly each?: true;
}

/**
 * How one kind of fact is posted, as data: journals are made from it and it is proved from it, so there is nothing that
 * could drift apart. A template that has posted is never changed; a change is a new version beside it.
 */
export interface Template {
  readonly name: string;
  readonly version: number;
  readonly layer: Layer;
  /** One sentence for the page of the ledger. */
  readonly meaning: string;
  readonly lines: readonly TemplateLine[];
  /** Symbols that may be negative: a fee that the PSP gives back. All others are refused below zero. */
  readonly signed?: readonly string[];
}

export const template = <const T extends Template>(definition: T): T => definition;

interface Details {
  readonly key?: string;
  readonly currency?: string;
  readonly each?: true;
}

type Line<S extends Side, A extends AccountNumber, F extends Form, D extends Details> = {
  readonly side: S;
  readonly account: A;
  readonly amount: F;
} & D;

export const debit = <const A extends AccountNumber, const F extends Form, const D extends Details = object>(
  account: A,
  amount: F,
  details?: D,
): Line<'debit', A, F, NoInfer<D>> => ({ side: 'debit', account, amount, ...(details ?? ({} as D)) });

export const credit = <const A extends AccountNumber, const F extends Form, const D extends Details = object>(
  account: A,
  amount: F,
  details?: D,
): Line<'credit', A, F, NoInfer<D>> => ({ side: 'credit', account, amount, ...(details ?? ({} as D)) });

type LinesOf<T extends Template> = T['lines'][number];
type EachOf<T extends Template> = Extract<LinesOf<T>, { readonly each: true }>;
type SymbolOf<L> = L extends { readonly amount: infer F } ? (F extends string ? F : keyof F & string) : never;
type KeyOf<L> = L extends { readonly key: infer K extends string }
  ? K
  : L extends { readonly account: infer A extends AccountNumber }
    ? Extract<(typeof CHART)[A]['key'], string>
    : never;
type CurrencyOf<L> = L extends { readonly currency: infer C extends string } ? C : 'currency';

type MemberSymbol<T extends Template> = SymbolOf<EachOf<T>>;
type MemberKey<T extends Template> = KeyOf<EachOf<T>>;

type Members<T extends Template> = [EachOf<T>] extends [never]
  ? unknown
  : {
      readonly members: readonly (Readonly<Record<MemberSymbol<T>, bigint>> &
        Readonly<Record<MemberKey<T>, string>>)[];
    };

type OwnSymbol<T extends Template> = Exclude<SymbolOf<LinesOf<T>>, MemberSymbol<T>>;
type OwnKey<T extends Template> = Exclude<KeyOf<LinesOf<T>>, MemberKey<T>>;

/** Everything that a template needs to be posted, by name: amounts in minor units, keys, currencies, the PSP. */
export type Facts<T extends Template> = Members<T> & { readonly psp: PspName | null } & {
  readonly [Name in OwnSymbol<T> | OwnKey<T> | CurrencyOf<LinesOf<T>>]: Name extends OwnSymbol<T>
    ? bigint
    : string;
};

/** Facts by name, for whoever only passes them on. */
export type AnyFacts = Readonly<Record<string, unknown>> & { readonly psp: PspName | null };

/** A template with the facts of one case. */
export interface Posting {
  readonly template: Template;
  readonly facts: AnyFacts;
}

/** Does not compile while a fact is missing that a line of the template needs. */
export const post = <const T extends Template>(used: T, facts: Facts<T>): Posting => ({
  template: used,
  facts,
});

export const templateId = ({ name, version }: Pick<Template, 'name' | 'version'>): string =>
  `${name}@${version}`;

export const termsOf = (form: Form): readonly (readonly [symbol: string, coefficient: number])[] =>
  typeof form === 'string' ? [[form, 1]] : Object.entries(form);

/** The fact that names a line's currency. */
export const currencyFactOf = ({ currency }: TemplateLine): string => currency ?? 'currency';
