export * from './given';
export * from './payment-samples';
export * from './spawn-compiled';
