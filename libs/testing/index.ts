export * from './given';
export * from './payment-samples';
export * from './spawn-compiled';
export * from './core';
export * from './scripted-gateway';
export * from './virtual-clock';
