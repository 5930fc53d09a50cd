import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { MAX_PAGE_SIZE } from '../config/limits';
import { DocumentsProblems } from '../http/problem-documentation';
import { returns } from '../payments/payment-documentation';
import { ExportDto, ListEntriesDto, ListJournalsDto, TrialBalanceDto } from './ledger-query.dto';

const PROBLEMS = [
  'unauthenticated',
  'forbidden',
  'validation_failed',
  'rate_limited',
  'unavailable',
] as const;

const AS_OF =
  'The books follow the log by a moment: `as_of_seq` is the number of the last journal that the answer knows of. What cannot be answered is an error, never an empty answer.';

export const DocumentsTrialBalance = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'The trial balance of your books',
      description: `Totals of every account of one layer and currency, now or as of any journal or time. ${AS_OF}`,
    }),
    ApiQuery({ type: TrialBalanceDto }),
    returns(200, 'TrialBalance', 'Debits equal credits.'),
    DocumentsProblems(...PROBLEMS),
  );

export const DocumentsAccounts = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'The chart of accounts with your balances', description: AS_OF }),
    returns(200, 'LedgerAccountList', 'All accounts, by their numbers.'),
    DocumentsProblems('unauthenticated', 'forbidden', 'rate_limited', 'unavailable'),
  );

export const DocumentsEntries = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'The entries of an account',
      description: `Newest first with running totals, up to ${MAX_PAGE_SIZE} a page. ${AS_OF}`,
    }),
    ApiParam({ name: 'number', example: '1110', description: 'Of the chart of accounts.' }),
    ApiQuery({ type: ListEntriesDto }),
    returns(200, 'LedgerEntryList', 'A page; `next_cursor` is null on the last one.'),
    DocumentsProblems(...PROBLEMS, 'not_found'),
  );

export const DocumentsJournals = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'The journals that a payment caused', description: AS_OF }),
    ApiQuery({ type: ListJournalsDto }),
    returns(200, 'JournalList', 'In their order. Empty where the payment has posted nothing.'),
    DocumentsProblems(...PROBLEMS, 'not_found'),
  );

export const DocumentsExport = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Export your books',
      description:
        'Journals by their numbers, as CSV (a row a line), JSON Lines (a journal a line, as it was hashed), an hledger journal, or the manifest of these three. The same range is the same bytes, always.',
    }),
    ApiQuery({ type: ExportDto }),
    ApiResponse({
      status: 200,
      description: 'The file, or the manifest.',
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/LedgerExportManifest' } },
        'text/csv': { schema: { type: 'string' } },
        'application/x-ndjson': { schema: { type: 'string' } },
        'text/plain': { schema: { type: 'string' } },
      },
    }),
    DocumentsProblems(...PROBLEMS),
  );
