import { EventStoreDBClient } from '@eventstore/db-client';
import type { ConsumerGroups } from '@tender/eventstore';
import type { GroupOperator } from './fixture';

const LOOK_AGAIN_AFTER_MS = 5;

/** An operator with the vendor's client: drops consumers, and lays events aside. */
export function operatorOver(
  url: string,
  log: ConsumerGroups,
): { readonly operator: GroupOperator; readonly dispose: () => Promise<void> } {
  const client = EventStoreDBClient.connectionString(url);
  const operator: GroupOperator = {
    restart: () => client.restartPersistentSubscriptionSubsystem(),
    async park({ category: group, prefixes }, record) {
      // whoever enters makes the group; nothing of it is parked yet
      const maker = log.join({ group, prefixes, maxUnacknowledged: 1 });
      await maker[Symbol.asyncIterator]().next();
      await maker.close();
      let given = 0;
      const consumer = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 100 });
      const entered = new Promise<void>((resolve) => consumer.once('confirmation', resolve));
      consumer.on('data', (resolved) => {
        given += 1;
        void consumer.nack('park', 'as the test wants', resolved);
      });
      consumer.on('error', () => undefined);
      await entered;
      await record();
      while (given === 0 || (await log.parked(group)) < given) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_AFTER_MS));
      }
      await consumer.unsubscribe();
      return given;
    },
  };
  return { operator, dispose: () => client.dispose() };
}
