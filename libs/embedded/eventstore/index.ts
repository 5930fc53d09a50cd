export { DirectoryLockedError } from './directory-lock';
export type { FaultSwitches, WriteRefusal } from './faults';
export type { User } from './rpc/access-control';
export { DEFAULT_MAX_APPEND_BYTES, MARKER_EVENT, MARKER_STREAM, startEventStore } from './server';
export type { EventStoreOptions, RunningEventStore } from './server';
