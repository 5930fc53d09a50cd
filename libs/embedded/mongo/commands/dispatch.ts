import { Code, CommandError, notBuilt } from '../errors';
import type { Engine } from '../engine';
import type { Fault } from '../fail-points';
import { encode, EncodableDocument } from '../values/encode';
import { fieldNamed, fieldsOf, stringOf, Type } from '../values/value';
import { Command, Prepared, Reply } from './command';
import * as definitions from './definition-commands';
import * as reads from './read-commands';
import { assertAccepted, Request } from './request';
import * as sessions from './session-commands';
import { labelsFor, WriteNumber } from './labels';
import { encodeReply } from './reply';
import { runInTransaction } from './transaction-commands';
import { checkReadConcern, writeConcernReply } from './concerns';
import * as writes from './write-commands';

const { hello, buildInfo } = sessions;
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...Object.entries({
    hello,
    ismaster: hello,
    isMaster: hello,
    ping: sessions.ping,
    buildInfo,
    buildinfo: buildInfo,
    connectionStatus: sessions.connectionStatus,
    serverStatus: sessions.serverStatus,
    configureFailPoint: sessions.configureFailPoint,
    endSessions: sessions.endSessions,
    killSessions: sessions.killSessions,
    killAllSessions: sessions.killAllSessions,
    refreshSessions: sessions.refreshSessions,
    insert: writes.insert,
    update: writes.update,
    delete: writes.remove,
    findAndModify: writes.findAndModify,
    find: reads.find,
    getMore: reads.getMore,
    killCursors: reads.killCursors,
    count: reads.count,
    aggregate: reads.aggregate,
    explain: reads.explain,
    create: definitions.create,
    createIndexes: definitions.createIndexes,
    dropIndexes: definitions.dropIndexes,
    listIndexes: definitions.listIndexes,
    listCollections: definitions.listCollections,
    listDatabases: definitions.listDatabases,
    drop: definitions.drop,
    dropDatabase: definitions.dropDatabase,
  }),
]);

/** Who asks: what a connection told about itself in its first message. */
export interface Client {
  appName: string | undefined;
}

/** @returns the reply document, or `undefined` when the connection has to be cut without an answer. */
export async function dispatch(
  engine: Engine,
  client: Client,
  request: Request,
): Promise<Buffer | undefined> {
  let state: WriteNumber | undefined;
  let extra: Reply = {};
  try {
    state = sessionState(request);
    noteClient(client, request);
    const fault = engine.failPoints.enabled
      ? await engine.failPoints.beforeCommand(request.name, client.appName)
      : undefined;
    if (fault?.kind === 'close') return undefined;
    if (fault?.kind === 'error') throw failure(fault);
    if (fault?.kind === 'writeConcernError') extra = { writeConcernError: fault.error };
    const reply = await run(engine, request, state);
    const lost =
      state !== undefined &&
      engine.failPoints.enabled &&
      isWrite(request.name) &&
      engine.failPoints.losesReply();
    return lost ? undefined : encodeReply(reply, { ...writeConcernReply(request), ...extra }, 1);
  } catch (error) {
    const known = error instanceof CommandError ? error : internal(engine, request, error);
    const { code, codeName, message: errmsg, details } = known;
    const errorLabels = details.errorLabels ?? labelsFor(code, request.name, state);
    const shown = { errmsg, code, codeName, ...details, errorLabels } as EncodableDocument;
    return encodeReply({}, shown, 0);
  }
}

const isWrite = (name: string): boolean => COMMANDS.get(name)?.kind === 'write';

function failure(fault: Extract<Fault, { kind: 'error' }>): CommandError {
  const details = fault.labels === undefined ? {} : { errorLabels: fault.labels };
  return new CommandError(fault.code, 'Failing command due to failCommand fail point', details);
}

function internal(engine: Engine, request: Request, error: unknown): CommandError {
  engine.internalErrors++;
  console.error(`embedded-mongo internal error in ${request.name}:`, error);
  return new CommandError(Code.InternalError, `embedded-mongo internal error: ${String(error)}`);
}

function noteClient(client: Client, request: Request): void {
  const info =
    request.name === 'hello' || request.name.toLowerCase() === 'ismaster' ? request.get('client') : undefined;
  const application = info && fieldNamed(fieldsOf(info), 'application');
  const name = application && fieldNamed(fieldsOf(application), 'name');
  if (name) client.appName = stringOf(name);
}

function sessionState(request: Request): WriteNumber | undefined {
  const number = request.get('txnNumber');
  const lsid = request.get('lsid');
  if (request.boolean('apiStrict') || request.boolean('apiDeprecationErrors')) throw notBuilt('a strict API');
  if (number === undefined) return undefined;
  if (lsid === undefined || number.type !== Type.int64) {
    throw new CommandError(Code.InvalidOptions, 'txnNumber must be an int64 and needs an lsid');
  }
  return {
    session: sessions.sessionOf(lsid),
    number: number.bytes.readBigInt64LE(number.from),
    inTransaction: request.get('autocommit') !== undefined && !request.boolean('autocommit'),
    starts: request.boolean('startTransaction'),
  };
}

async function run(
  engine: Engine,
  request: Request,
  state: WriteNumber | undefined,
): Promise<Reply | Buffer> {
  if (state?.inTransaction === true) {
    return runInTransaction(engine, request, state, () => prepare(engine, request));
  }
  const { command, prepared } = prepare(engine, request);
  checkReadConcern(request);
  if (command.kind !== 'write') return prepared.run(engine.view);
  if (prepared.creates !== undefined) await engine.ensureCollection(prepared.creates);
  return engine.queue.submit(() => {
    const saved = state && engine.retried.replyFor(state.session, state.number);
    if (saved !== undefined) return saved;
    const reply = prepared.run(engine.view) as Reply;
    if (state === undefined) return reply;
    const bytes = encode(reply);
    engine.retried.save(state.session, state.number, bytes, Date.now());
    return bytes;
  });
}

/** Compiles everything before data is touched, so that a refusal never depends on what is stored. */
function prepare(engine: Engine, request: Request): { command: Command; prepared: Prepared } {
  const command = COMMANDS.get(request.name);
  if (command === undefined) {
    throw new CommandError(Code.CommandNotFound, `embedded-mongo: no such command: '${request.name}'`);
  }
  if (command.acceptsAnyField !== true) assertAccepted(request.fields, command);
  return { command, prepared: command.prepare(engine, request) };
}
