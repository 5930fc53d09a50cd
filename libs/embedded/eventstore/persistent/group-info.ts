import { SubscriptionInfo } from '@eventstore/db-client/generated/persistent_pb.js';
import { Consumer } from './consumer';
import { PersistentGroup } from './group';
import { placeText, startText } from './group-settings';

/** A group as the client shows it; the spelling of positions and states is EventStoreDB's. */
export function infoOf(group: PersistentGroup, nowMs: number): SubscriptionInfo {
  const { stream, group: name, settings } = group.definition;
  const consumers = [...group.consumers];
  const lastCheckpoint = group.checkpoints.last;
  const { lastKnown } = group.source;
  const outstanding = group.outstanding.size;
  return new SubscriptionInfo()
    .setEventSource(stream)
    .setGroupName(name)
    .setStatus(group.live ? 'Live' : 'Behind')
    .setConnectionsList(
      consumers.map((consumer) => connectionInfo(consumer, settings.extraStatistics, nowMs)),
    )
    .setAveragePerSecond(consumers.reduce((sum, consumer) => sum + averagePerSecond(consumer, nowMs), 0))
    .setTotalItems(String(group.totalItems))
    .setCountSinceLastMeasurement(String(consumers.reduce((sum, { totalItems }) => sum + totalItems, 0)))
    .setLastCheckpointedEventPosition(lastCheckpoint === undefined ? '' : placeText(stream, lastCheckpoint))
    .setLastKnownEventPosition(lastKnown < 0 ? '' : placeText(stream, lastKnown))
    .setResolveLinkTos(settings.resolveLinks)
    .setStartFrom(startText(stream, settings.startFrom))
    .setMessageTimeoutMilliseconds(settings.messageTimeoutMs)
    .setExtraStatistics(settings.extraStatistics)
    .setMaxRetryCount(settings.maxRetryCount)
    .setLiveBufferSize(settings.liveBufferSize)
    .setBufferSize(settings.historyBufferSize)
    .setReadBatchSize(settings.readBatchSize)
    .setCheckPointAfterMilliseconds(settings.checkpointAfterMs)
    .setMinCheckPointCount(settings.minCheckpointCount)
    .setMaxCheckPointCount(settings.maxCheckpointCount)
    .setReadBufferCount(group.buffer.length)
    .setLiveBufferCount(String(group.live ? group.buffer.length : 0))
    .setRetryBufferCount(group.retry.length)
    .setTotalInFlightMessages(outstanding)
    .setOutstandingMessagesCount(outstanding)
    .setNamedConsumerStrategy(settings.strategy)
    .setMaxSubscriberCount(settings.maxSubscriberCount)
    .setParkedMessageCount(String(group.parked.count));
}

function connectionInfo(
  consumer: Consumer,
  extraStatistics: boolean,
  nowMs: number,
): SubscriptionInfo.ConnectionInfo {
  const { from, user, connectionName } = consumer.connection;
  const measurements = extraStatistics ? consumer.measurements() : [];
  return new SubscriptionInfo.ConnectionInfo()
    .setFrom(from)
    .setUsername(user)
    .setAverageItemsPerSecond(averagePerSecond(consumer, nowMs))
    .setTotalItems(String(consumer.totalItems))
    .setCountSinceLastMeasurement(String(consumer.countSinceLastMeasurement()))
    .setObservedMeasurementsList(
      measurements.map(([key, value]) =>
        new SubscriptionInfo.Measurement().setKey(key).setValue(String(value)),
      ),
    )
    .setAvailableSlots(consumer.freeSlots)
    .setInFlightMessages(consumer.inFlight)
    .setConnectionName(connectionName);
}

function averagePerSecond(consumer: Consumer, nowMs: number): number {
  const seconds = Math.max(1, (nowMs - consumer.connectedAtMs) / 1000);
  return Math.round(consumer.totalItems / seconds);
}
