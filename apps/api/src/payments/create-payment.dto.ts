import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { CaptureMethod, PspName, PspTokens } from '@tender/domain';
import { PSP_NAMES } from '@tender/domain';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import {
  DEFAULT_MAX_AMOUNT_MINOR,
  MAX_CUSTOMER_ID_CHARACTERS,
  MAX_DESCRIPTION_CHARACTERS,
  MAX_METADATA_KEY_CHARACTERS,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_CHARACTERS,
  MAX_RETURN_URL_CHARACTERS,
  MAX_STATEMENT_DESCRIPTOR_CHARACTERS,
  MAX_TOKEN_CHARACTERS,
  MIN_AMOUNT_MINOR,
} from '../config/limits';
import { Follows } from '../http/dto-rules';
import * as rules from './field-rules';

export const CAPTURE_METHODS: readonly CaptureMethod[] = ['automatic', 'manual'];

/** The body of `POST /v1/payments`. An optional field may be `null`, which is the same as absent. */
@ApiSchema({ name: 'CreatePayment' })
export class CreatePaymentDto {
  @ApiProperty({
    type: 'integer',
    minimum: MIN_AMOUNT_MINOR,
    maximum: DEFAULT_MAX_AMOUNT_MINOR,
    example: 1099,
    description: 'ISO 4217 minor units. The upper bound is configuration.',
  })
  @IsInt({ message: 'must be an integer of minor units' })
  @Min(MIN_AMOUNT_MINOR, { message: `must be at least ${MIN_AMOUNT_MINOR}` })
  @Max(Number.MAX_SAFE_INTEGER, { message: 'is too large' })
  amount!: number;

  @ApiProperty({ example: 'USD', pattern: '^[A-Z]{3}$', description: 'ISO 4217, upper case.' })
  @Follows(rules.currency)
  currency!: string;

  @ApiProperty({
    description:
      "A PSP's token, its PSP known by the prefix (pm_ Stripe, adyen_ Adyen), or one token a PSP. Never a card number.",
    example: 'pm_card_visa',
    oneOf: [
      { type: 'string', maxLength: MAX_TOKEN_CHARACTERS },
      {
        type: 'object',
        minProperties: 1,
        additionalProperties: false,
        properties: Object.fromEntries(
          PSP_NAMES.map((psp) => [psp, { type: 'string' as const, maxLength: MAX_TOKEN_CHARACTERS }]),
        ),
      },
    ],
  })
  @Follows(rules.paymentMethod)
  payment_method!: string | PspTokens;

  @ApiPropertyOptional({ enum: CAPTURE_METHODS, default: 'automatic', nullable: true })
  @IsOptional()
  @IsIn(CAPTURE_METHODS, { message: `must be one of: ${CAPTURE_METHODS.join(', ')}` })
  capture_method?: CaptureMethod | null;

  @ApiPropertyOptional({
    type: 'string',
    minLength: 1,
    maxLength: MAX_CUSTOMER_ID_CHARACTERS,
    nullable: true,
    example: 'cus_77',
    description: "The merchant's own id of the buyer. No personal data, please: it is recorded as sent.",
  })
  @IsOptional()
  @Follows(rules.text(1, MAX_CUSTOMER_ID_CHARACTERS))
  customer_id?: string | null;

  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_DESCRIPTION_CHARACTERS,
    nullable: true,
    example: 'Order A-17',
  })
  @IsOptional()
  @Follows(rules.text(0, MAX_DESCRIPTION_CHARACTERS))
  description?: string | null;

  @ApiPropertyOptional({
    type: 'string',
    minLength: 1,
    maxLength: MAX_STATEMENT_DESCRIPTOR_CHARACTERS,
    nullable: true,
    example: 'TENDER SHOP',
    description: `What the buyer reads on the statement: at least one letter and none of < > \\ ' " *`,
  })
  @IsOptional()
  @Follows(rules.statementDescriptor)
  statement_descriptor?: string | null;

  @ApiPropertyOptional({
    type: 'string',
    format: 'uri',
    maxLength: MAX_RETURN_URL_CHARACTERS,
    nullable: true,
    example: 'https://shop.example/return',
    description: 'Where the buyer comes back to after 3-D Secure; https (http for loopback hosts only).',
  })
  @IsOptional()
  @Follows(rules.returnUrl)
  return_url?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', maxLength: MAX_METADATA_VALUE_CHARACTERS },
    maxProperties: MAX_METADATA_KEYS,
    nullable: true,
    example: { order: 'A-17' },
    description: `Keys of 1 to ${MAX_METADATA_KEY_CHARACTERS} characters. Not sent to PSPs.`,
  })
  @IsOptional()
  @Follows(rules.metadata)
  metadata?: Readonly<Record<string, string>> | null;

  @ApiPropertyOptional({
    nullable: true,
    example: { order: ['stripe'] },
    description: 'One PSP and no other, or an order of preference. Default: the routing policy decides.',
    oneOf: [
      {
        type: 'object',
        additionalProperties: false,
        required: ['psp'],
        properties: { psp: { type: 'string', enum: [...PSP_NAMES] } },
      },
      {
        type: 'object',
        additionalProperties: false,
        required: ['order'],
        properties: {
          order: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { type: 'string', enum: [...PSP_NAMES] },
          },
        },
      },
    ],
  })
  @IsOptional()
  @Follows(rules.routingWish)
  routing?: { readonly psp: PspName } | { readonly order: readonly PspName[] } | null;
}
