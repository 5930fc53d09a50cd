import type { NamedIndex } from './indexes';

/** With the version of its documents: another shape is projected into another collection, beside the old one. */
export const PAYMENT_STATUS = 'payment_status_v7';

/**
 * What `list` can be asked for. Each ends in the order of the list, so a page is one walk of an index without a sort.
 *
 * Status, PSP and customer have an index each because each can be rare among a merchant's payments, and then a walk of
 * `by_merchant` reads everything to fill one page. Two filters together use one index and look at what it finds; an
 * index for every pair would cost each payment more than such a page is worth.
 */
export const PAYMENT_STATUS_INDEXES: readonly NamedIndex[] = [
  // first, because it narrows most: a planner that cannot tell takes the older index
  { name: 'by_customer', key: { merchant: 1, customerId: 1, createdAt: -1, _id: -1 } },
  { name: 'by_merchant', key: { merchant: 1, createdAt: -1, _id: -1 } },
  { name: 'by_status', key: { merchant: 1, status: 1, createdAt: -1, _id: -1 } },
  { name: 'by_psp', key: { merchant: 1, psp: 1, createdAt: -1, _id: -1 } },
  // sparse on one field: most payments are never in it
  { name: 'open_flows', key: { 'openFlow.due': 1 }, sparse: true },
  { name: 'disputed', key: { 'disputed.merchant': 1, 'disputed.place': -1 }, sparse: true },
];
