import type { SchemaObject } from '@nestjs/swagger';
import { PSP_NAMES, PUBLIC_REFUND_STATUS } from '@tender/domain';
import { complete, listSchema, minorUnits, string, stringOrNull, time } from '../payments/payment-schemas';

const STATUSES = [...new Set(Object.values(PUBLIC_REFUND_STATUS))];

export const REFUND_SCHEMAS: Readonly<Record<string, SchemaObject>> = {
  Refund: complete({
    object: string({ enum: ['refund'] }),
    id: string({ example: 're_6f0b54a25c0e5d0b9a552d7a1a1f3c04' }),
    payment: string({ example: 'pay_6f0b54a25c0e5d0b9a552d7a1a1f3c01' }),
    amount: minorUnits('ISO 4217 minor units'),
    currency: string({ example: 'USD' }),
    status: string({
      enum: STATUSES,
      description:
        '`pending`: under way. `succeeded` may still become `failed`, when the buyer’s bank sends the money back.',
    }),
    reason: stringOrNull(),
    failure: complete(
      { code: string({ example: 'declined_by_issuer' }), message: string() },
      { nullable: true },
    ),
    psp: string({ enum: [...PSP_NAMES] }),
    psp_reference: stringOrNull({ example: 're_3Pabc' }),
    metadata: { type: 'object', additionalProperties: string() },
    created_at: time(),
    updated_at: time(),
    revision: { type: 'integer', minimum: 0, description: 'Of the last event in this state; it only grows.' },
  }),
  RefundList: listSchema('Refund'),
};
