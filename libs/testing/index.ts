export * from './given';
export * from './payment-samples';
export * from './private-redis';
export * from './spawn-compiled';
export * from './core';
export * from './invariants';
export * from './scripted-gateway';
export * from './virtual-clock';
