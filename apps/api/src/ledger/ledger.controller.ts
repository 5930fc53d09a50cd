import { Readable } from 'node:stream';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { type AccountNumber, accountOf, jsonInteger } from '@tender/domain';
import {
  type AsOf,
  type ExportFormat,
  InvalidCursor,
  isReadStoreFailure,
  LedgerCannotAnswer,
  LedgerNotPrepared,
} from '@tender/readmodels';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, Requires } from '../access/access';
import { DEFAULT_PAGE_SIZE, RETRY_AFTER_S } from '../config/limits';
import { DtoReader, validationFailed } from '../http/dto-rules';
import { listOf } from '../http/list';
import { Problem } from '../http/problem';
import { paymentIdFrom } from '../payments/payment-ids';
import {
  accountsJson,
  entryJson,
  journalJson,
  keyFrom,
  manifestJson,
  trialBalanceJson,
} from './ledger-answers';
import {
  DocumentsAccounts,
  DocumentsEntries,
  DocumentsExport,
  DocumentsJournals,
  DocumentsTrialBalance,
} from './ledger-documentation';
import {
  type AskedRange,
  DescribeExport,
  ExportLedger,
  GetTrialBalance,
  ListAccounts,
  ListEntries,
  ListJournals,
} from './ledger-messages';
import { ExportDto, ListEntriesDto, ListJournalsDto, TrialBalanceDto } from './ledger-query.dto';

/** Every answer is about the caller's own books, and says up to which journal it goes. */
@ApiTags('Ledger')
@ApiBearerAuth()
@Controller('v1/ledger')
export class LedgerController {
  private readonly trialBalanceQuery = new DtoReader(TrialBalanceDto);
  private readonly entriesQuery = new DtoReader(ListEntriesDto);
  private readonly journalsQuery = new DtoReader(ListJournalsDto);
  private readonly exportQuery = new DtoReader(ExportDto);

  constructor(private readonly queries: QueryBus) {}

  @Get('trial_balance')
  @Requires('ledger:read')
  @DocumentsTrialBalance()
  async trialBalance(@Req() request: FastifyRequest): Promise<object> {
    const { merchant } = callerOf(request);
    const { as_of, currency, effective_at, layer = 'posted' } = this.trialBalanceQuery.read(request.query);
    const effectiveAt = effective_at === undefined ? undefined : new Date(effective_at);
    const query = {
      ledger: merchant,
      layer,
      ...(currency === undefined ? {} : { currency }),
      ...(as_of === undefined ? {} : { asOf: asOfFrom(as_of) }),
      ...(effectiveAt === undefined ? {} : { effectiveAt }),
    };
    const found = await answered(this.queries.execute(new GetTrialBalance(query)));
    return trialBalanceJson(found, { layer, effectiveAt });
  }

  @Get('accounts')
  @Requires('ledger:read')
  @DocumentsAccounts()
  async accounts(@Req() request: FastifyRequest): Promise<object> {
    const { merchant } = callerOf(request);
    const { asOfSeq, accounts } = await answered(this.queries.execute(new ListAccounts(merchant)));
    return asOf(asOfSeq, listOf(accountsJson(accounts), undefined));
  }

  @Get('accounts/:number/entries')
  @Requires('ledger:read')
  @DocumentsEntries()
  async entries(@Req() request: FastifyRequest, @Param('number') number: string): Promise<object> {
    const { merchant } = callerOf(request);
    if (accountOf(number) === undefined) throw new Problem('not_found');
    const { currency, key, limit, cursor } = this.entriesQuery.read(request.query);
    const query = {
      ledger: merchant,
      account: number,
      limit: limit === undefined ? DEFAULT_PAGE_SIZE : Number(limit),
      ...(currency === undefined ? {} : { currency }),
      ...(key === undefined ? {} : { key: keyFrom(number, key) }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { asOfSeq, items, next } = await answered(this.queries.execute(new ListEntries(query)));
    const entries = items.map((entry) => entryJson(number as AccountNumber, entry));
    return asOf(asOfSeq, listOf(entries, next));
  }

  @Get('journals')
  @Requires('ledger:read')
  @DocumentsJournals()
  async journals(@Req() request: FastifyRequest): Promise<object> {
    const { merchant } = callerOf(request);
    const payment = paymentIdFrom(this.journalsQuery.read(request.query).payment);
    const found = await answered(this.queries.execute(new ListJournals(merchant, payment)));
    if (found === undefined) throw new Problem('not_found');
    return asOf(found.asOfSeq, listOf(found.journals.map(journalJson), undefined));
  }

  @Get('export')
  @Requires('ledger:read')
  @DocumentsExport()
  async export(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { merchant: ledger } = callerOf(request);
    const { format, from_seq, to_seq } = this.exportQuery.read(request.query);
    const asked: AskedRange = {
      ledger,
      ...(from_seq === undefined ? {} : { fromSeq: BigInt(from_seq) }),
      ...(to_seq === undefined ? {} : { toSeq: BigInt(to_seq) }),
    };
    if (format === 'manifest') {
      const manifest = await answered(this.queries.execute(new DescribeExport(asked)));
      await reply.send(manifestJson(manifest));
      return;
    }
    const { range, text } = await answered(this.queries.execute(new ExportLedger(asked, format)));
    await reply
      .headers({
        'content-type': MEDIA_TYPE_OF[format],
        'content-disposition': `attachment; filename="ledger-${range.fromSeq}-${range.toSeq}.${ENDING_OF[format]}"`,
      })
      .send(Readable.from(text, { objectMode: false }));
  }
}

const MEDIA_TYPE_OF: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson',
  hledger: 'text/plain; charset=utf-8',
};

const ENDING_OF: Readonly<Record<ExportFormat, string>> = { csv: 'csv', jsonl: 'jsonl', hledger: 'journal' };

const asOfFrom = (text: string): AsOf =>
  /^\d+$/.test(text) ? { seq: BigInt(text) } : { time: new Date(text) };

const asOf = (seq: bigint, list: ReturnType<typeof listOf>): object => {
  const { object, ...rest } = list;
  return { object, as_of_seq: jsonInteger(seq), ...rest };
};

const FIELD_OF: Readonly<Record<LedgerCannotAnswer['field'], string>> = {
  asOf: 'as_of',
  currency: 'currency',
  fromSeq: 'from_seq',
  toSeq: 'to_seq',
  cursor: 'cursor',
};

/** What the books cannot answer is an error that says why: an empty answer would be a wrong one. */
async function answered<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof LedgerCannotAnswer)
      throw validationFailed([{ field: FIELD_OF[error.field], message: error.why }]);
    if (error instanceof InvalidCursor)
      throw validationFailed([{ field: 'cursor', message: 'is not a cursor of this list' }]);
    if (error instanceof LedgerNotPrepared || isReadStoreFailure(error))
      throw new Problem('unavailable', {
        detail: 'The books cannot be read at the moment.',
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    throw error;
  }
}
