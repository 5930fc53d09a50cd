import { applyDecorators, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { PspName } from '@tender/domain';
import { STRIPE_EVENT_TYPES } from '@tender/psp/stripe';
import type { FastifyRequest } from 'fastify';
import { DocumentsProblems } from '../http/problem-documentation';
import { WebhookIntake } from './webhook-intake';

const ReceivesNoticesOf = (psp: PspName): MethodDecorator =>
  applyDecorators(
    RouteConfig({ openAs: `webhooks of ${psp}`, rawBody: true }),
    HttpCode(200),
    ApiResponse({ status: 200, description: 'Every notice of the delivery is durably stored.' }),
    DocumentsProblems(
      'malformed_body',
      'signature_invalid',
      'unauthenticated',
      'not_found',
      'body_too_large',
      'unsupported_media_type',
      'rate_limited',
      'unavailable',
    ),
  );

/** Where PSPs tell us something by themselves. */
@ApiTags('Webhooks')
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly intake: WebhookIntake) {}

  @Post('stripe')
  @ReceivesNoticesOf('stripe')
  @ApiOperation({
    summary: 'Events of Stripe',
    description: `Signed over the bytes of the body, and recent. An endpoint at Stripe has to be subscribed to: ${STRIPE_EVENT_TYPES.join(', ')}.`,
  })
  @ApiHeader({ name: 'Stripe-Signature', required: true, schema: { type: 'string' } })
  async stripe(@Req() request: FastifyRequest): Promise<void> {
    await this.intake.receive('stripe', deliveryOf(request), request.id);
  }

  /** `[accepted]` is what Adyen's older webhooks wait for; newer ones look at the status alone. */
  @Post('adyen')
  @ReceivesNoticesOf('adyen')
  @ApiOperation({
    summary: 'Standard webhooks of Adyen',
    description: 'Every item of the batch is signed. With basic authentication where it is configured.',
  })
  @Header('content-type', 'text/plain; charset=utf-8')
  async adyen(@Req() request: FastifyRequest): Promise<string> {
    await this.intake.receive('adyen', deliveryOf(request), request.id);
    return '[accepted]';
  }
}

const NO_BODY = Buffer.alloc(0);

const deliveryOf = ({
  body,
  headers,
}: FastifyRequest): { body: Buffer; headers: FastifyRequest['headers'] } => ({
  body: Buffer.isBuffer(body) ? body : NO_BODY,
  headers,
});
