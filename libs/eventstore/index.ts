export * from './codec';
export * from './consumer-groups';
export * from './esdb';
export {
  DEFAULT_APPEND_TIMEOUT_MS,
  DEFAULT_READ_TIMEOUT_MS,
  type EventStoreOptions,
} from './esdb-connection';
export * from './event-ids';
export * from './failures';
export * from './inspection';
export * from './limits';
export * from './log';
export * from './memory';
export * from './memory-faults';
export { MemoryStore } from './memory-store';
export * from './streams';
