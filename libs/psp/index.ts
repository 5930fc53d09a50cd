export * from './adyen';
export * from './stripe';
