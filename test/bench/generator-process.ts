import { generateLoad, type LoadOrder } from './load-generator';

/** The load generator's own process: it gets one order, and tells how it goes and when it is done. */
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(1));
process.once('message', (order: LoadOrder) => {
  generateLoad(order, (progress) => process.send?.(progress)).then(
    (done) => process.send?.(done),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.({ kind: 'ready' });
