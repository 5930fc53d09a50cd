import { applyDecorators, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DocumentsProblems } from '../http/problem-documentation';
import { isPlainObject } from '../payments/text-rules';
import { BuyerReturnFlow } from './buyer-return';

const ComesBack = (summary: string): MethodDecorator =>
  applyDecorators(
    RouteConfig({ openAs: 'buyer return', formBody: true }),
    ApiOperation({ summary, description: 'Open to everybody who has the address, which nobody can guess.' }),
    ApiParam({ name: 'token', schema: { type: 'string' } }),
    ApiResponse({ status: 200, description: 'The merchant named no address: a line of text.' }),
    ApiResponse({
      status: 303,
      description: "To the merchant's `return_url`, with `payment=<id>` added to its query.",
    }),
    DocumentsProblems('not_found', 'card_data_forbidden', 'rate_limited', 'unavailable'),
  );

/** Where PSPs send the buyer's browser after 3-D Secure. */
@ApiTags('Buyers')
@Controller('v1/return')
export class BuyerReturnController {
  constructor(private readonly flow: BuyerReturnFlow) {}

  @Get(':token')
  @ComesBack('The buyer comes back by a link')
  get(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    return this.comeBack(request.query, request, reply, token);
  }

  /** Some card issuers let the browser post a form. */
  @Post(':token')
  @ComesBack('The buyer comes back by a form')
  post(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ): Promise<void> {
    const query = isPlainObject(request.query) ? request.query : {};
    const form = isPlainObject(request.body) ? request.body : {};
    return this.comeBack({ ...query, ...form }, request, reply, token);
  }

  private async comeBack(
    given: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
  ): Promise<void> {
    const { to } = await this.flow.comeBack(token, isPlainObject(given) ? given : {}, request.id);
    if (to === null) {
      await reply
        .code(200)
        .header('content-type', 'text/plain; charset=utf-8')
        .send('Thank you. You can close this window and go back to the shop.\n');
    } else {
      await reply.code(303).header('location', to).send();
    }
  }
}
