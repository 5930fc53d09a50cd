import { Code, CommandError, notBuilt } from '../errors';
import { SESSION_TIMEOUT_MINUTES } from '../engine';
import { fieldNamed, fieldsOf, Type, Value } from '../values/value';
import { MAX_DOCUMENT_BYTES } from './writes';
import { MAX_BATCH } from './write-commands';
import { Command } from './command';

/** Wire versions of MongoDB 7.0. */
const MAX_WIRE_VERSION = 21;
export const MAX_MESSAGE_BYTES = 48_000_000;

export const hello: Command = {
  kind: 'read',
  used: [],
  // a handshake offers what a client can do; what is not answered is not agreed on
  acceptsAnyField: true,
  prepare: (engine, request) => ({
    run: () => ({
      helloOk: true,
      [request.name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
      setName: 'embedded',
      setVersion: 1,
      hosts: [engine.address],
      primary: engine.address,
      me: engine.address,
      secondary: false,
      logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MINUTES,
      minWireVersion: 0,
      maxWireVersion: MAX_WIRE_VERSION,
      maxBsonObjectSize: MAX_DOCUMENT_BYTES,
      maxMessageSizeBytes: MAX_MESSAGE_BYTES,
      maxWriteBatchSize: MAX_BATCH,
      localTime: new Date(),
      readOnly: false,
    }),
  }),
};

export const ping: Command = { kind: 'read', used: ['ping'], prepare: () => ({ run: () => ({}) }) };

export const buildInfo: Command = {
  kind: 'read',
  used: ['buildInfo', 'buildinfo'],
  prepare: (engine) => ({
    run: () => ({
      version: engine.version,
      versionArray: [7, 0, 0, 0],
      modules: ['embedded-mongo'],
      bits: 64,
      maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    }),
  }),
};

export const connectionStatus: Command = {
  kind: 'read',
  used: ['connectionStatus'],
  prepare: () => ({
    run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } }),
  }),
};

export const serverStatus: Command = {
  kind: 'read',
  used: ['serverStatus'],
  prepare: (engine) => ({
    run: () => ({
      process: 'embedded-mongo',
      version: engine.version,
      pid: process.pid,
      uptime: process.uptime(),
      embedded: { internalErrors: engine.internalErrors, openCursors: engine.cursors.size },
    }),
  }),
};

export const configureFailPoint: Command = {
  kind: 'read',
  used: ['configureFailPoint', 'mode', 'data'],
  prepare: (engine, request) => ({
    run: () => {
      engine.failPoints.configure(
        request.string('configureFailPoint') ?? '',
        request.get('mode'),
        request.get('data'),
      );
      return {};
    },
  }),
};

/** The session id as a word: the bytes of its UUID. */
export function sessionOf(lsid: Value): string {
  const id = lsid.type === Type.object ? fieldNamed(fieldsOf(lsid), 'id') : undefined;
  if (id?.type !== Type.binary) throw new CommandError(Code.TypeMismatch, 'lsid.id must be a UUID');
  return id.bytes.toString('hex', id.from + 5, id.to);
}

const endingSessions = (name: string): Command => ({
  kind: 'read',
  used: [name],
  prepare: (engine, request) => ({
    run: () => {
      for (const lsid of request.list(name) ?? []) engine.transactions.abortOfSession(sessionOf(lsid));
      return {};
    },
  }),
});

export const endSessions = endingSessions('endSessions');
export const killSessions = endingSessions('killSessions');

export const killAllSessions: Command = {
  kind: 'read',
  used: ['killAllSessions'],
  prepare: (engine, request) => {
    if ((request.list('killAllSessions') ?? []).length > 0) throw notBuilt('killAllSessions of some users');
    return {
      run: () => {
        engine.transactions.abortAll();
        return {};
      },
    };
  },
};

/** Sessions are remembered by their last write only, so there is no clock to reset. */
export const refreshSessions: Command = {
  kind: 'read',
  used: ['refreshSessions'],
  prepare: () => ({ run: () => ({}) }),
};
