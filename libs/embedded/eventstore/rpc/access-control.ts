import { Metadata } from '@grpc/grpc-js';
import { LogReader } from '../log/log-reader';
import { isMetastream, originalOf, StreamAcl } from '../log/stream-metadata';
import { unauthenticated } from './failures';

/** What a caller wants to do with a stream. */
export type StreamAction = 'read' | 'write' | 'delete';

export interface User {
  readonly login: string;
  readonly password: string;
  readonly groups: readonly string[];
}

export interface Principal {
  /** Undefined for a caller who sent no credentials. */
  readonly login: string | undefined;
  readonly roles: readonly string[];
}

/** The accounts a new EventStoreDB cluster starts with. */
export const DEFAULT_USERS: readonly User[] = [
  { login: 'admin', password: 'changeit', groups: ['$admins'] },
  { login: 'ops', password: 'changeit', groups: ['$ops'] },
];

export const ADMINS = '$admins';
export const OPERATORS = '$ops';
const EVERYONE = '$all';
/** EventStoreDB's default access lists: what is the system's belongs to administrators, the rest to everyone. */
const SYSTEM_ROLES = [ADMINS];
const USER_ROLES = [EVERYONE];
const ANONYMOUS: Principal = { login: undefined, roles: [EVERYONE] };
/** Without TLS EventStoreDB treats everyone as administrator: the official client would not send credentials anyway. */
const INSECURE: Principal = { login: 'admin', roles: [EVERYONE, ADMINS, 'admin'] };

export class AccessControl {
  private readonly byLogin: ReadonlyMap<string, User>;

  constructor(
    private readonly reader: Pick<LogReader, 'metadata'>,
    users: readonly User[],
    private readonly secure: boolean,
  ) {
    this.byLogin = new Map(users.map((user) => [user.login, user]));
  }

  /** @throws RpcFailure UNAUTHENTICATED for credentials that are wrong; none at all is anonymous */
  principal(metadata: Metadata): Principal {
    if (!this.secure) return INSECURE;
    const [header] = metadata.get('authorization');
    if (header === undefined) return ANONYMOUS;
    const [, encoded] = /^Basic (.+)$/i.exec(header.toString()) ?? [];
    const [, login, password] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
    const user = login === undefined ? undefined : this.byLogin.get(login);
    if (user?.password !== password || user === undefined) throw unauthenticated();
    return { login: user.login, roles: [EVERYONE, user.login, ...user.groups] };
  }

  allows(principal: Principal, stream: string, action: StreamAction): boolean {
    if (!this.secure) return true;
    if (stream === '$all' && action !== 'read') return false;
    if (isMetastream(stream) && action === 'delete') return false;
    if (principal.roles.includes(ADMINS)) return true;
    return this.allowedRoles(stream, action).some((role) => principal.roles.includes(role));
  }

  private allowedRoles(stream: string, action: StreamAction): readonly string[] {
    const meta = isMetastream(stream);
    const subject = meta ? originalOf(stream) : stream;
    const acl = this.reader.metadata(subject).acl;
    return acl?.[aclKey(action, meta)] ?? (subject.startsWith('$') ? SYSTEM_ROLES : USER_ROLES);
  }
}

function aclKey(action: StreamAction, meta: boolean): keyof StreamAcl {
  switch (action) {
    case 'read':
      return meta ? '$mr' : '$r';
    case 'write':
      return meta ? '$mw' : '$w';
    case 'delete':
      return '$d';
  }
}
