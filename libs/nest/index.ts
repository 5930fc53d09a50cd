export * from './embedded-guard';
export * from './environment';
export * from './lifecycle';
export * from './logger';
export * from './notice-readers';
export * from './operations-server';
export * from './verification';
export * from './worker-heartbeat';
