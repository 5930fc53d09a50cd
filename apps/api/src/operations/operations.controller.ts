import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiMetrics } from '../http/metrics';
import { ReadinessProbe } from './readiness';

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** For orchestrators and Prometheus; open to everybody who reaches the port, so it tells no secrets. */
@ApiTags('Operations')
@Controller()
export class OperationsController {
  constructor(
    private readonly readiness: ReadinessProbe,
    private readonly metrics: ApiMetrics,
  ) {}

  @Get('health/live')
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiResponse({ status: 200, description: 'It does.' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @ApiOperation({ summary: 'Whether payments can be made: each dependency and the projection lag' })
  @ApiResponse({ status: 200, description: 'Everything is up.' })
  @ApiResponse({ status: 503, description: 'Something is down; see checks.' })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const readiness = await this.readiness.probe();
    await reply.code(readiness.status === 'ready' ? 200 : 503).send(readiness);
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Prometheus metrics' })
  @ApiResponse({ status: 200, description: 'The text format of Prometheus.' })
  @Header('content-type', PROMETHEUS_TEXT)
  text(): Promise<string> {
    return this.metrics.text();
  }
}
