import type { SchemaObject } from '@nestjs/swagger';
import type { DisputeStatus } from '@tender/domain';
import { PSP_NAMES } from '@tender/domain';
import { complete, listSchema, minorUnits, string, stringOrNull, time } from '../payments/payment-schemas';

const STATUS_SET: Readonly<Record<DisputeStatus, true>> = {
  inquiry: true,
  open: true,
  under_review: true,
  won: true,
  lost: true,
  closed: true,
};

export const DISPUTE_SCHEMAS: Readonly<Record<string, SchemaObject>> = {
  Dispute: complete({
    object: string({ enum: ['dispute'] }),
    id: string({ example: 'dp_6f0b54a25c0e5d0b9a552d7a1a1f3c05' }),
    payment: string({ example: 'pay_6f0b54a25c0e5d0b9a552d7a1a1f3c01' }),
    status: string({
      enum: Object.keys(STATUS_SET),
      description:
        '`inquiry`: the bank asks and takes nothing; `closed`: it asks no more. `won` may be followed by a second chargeback.',
    }),
    amount: minorUnits('What is disputed, ISO 4217 minor units'),
    currency: string({ example: 'USD', description: 'As the PSP tells it.' }),
    amount_withdrawn: minorUnits('Taken out of the balance and not put back'),
    reason: stringOrNull({ example: 'fraudulent' }),
    network_reason_code: stringOrNull({ example: '10.4' }),
    evidence_due_by: { ...time(), nullable: true },
    attempt: string({ example: 'att_6f0b54a25c0e5d0b9a552d7a1a1f3c02' }),
    psp: string({ enum: [...PSP_NAMES] }),
    psp_reference: string({ example: 'du_3Pabc' }),
    created_at: time(),
    updated_at: time(),
  }),
  DisputeList: listSchema('Dispute'),
};
