import { CreateReq, UpdateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import { expressionOf } from '../rpc/event-filter';
import { groupFailed, invalidArgument } from '../rpc/failures';
import { strategyNames } from './consumer-strategy';
import { ALL_STREAM, GroupDefinition, GroupSettings, StartFrom } from './group-settings';

/** Older clients ask for "live only" with the largest number there is. */
const END_REVISION = '18446744073709551615';
const TICKS_PER_MS = 10_000;

type Settings = CreateReq.Settings | UpdateReq.Settings;

/** Requests name their source as one of these. */
interface SourceMessage {
  getStreamIdentifier(): StreamIdentifier | undefined;
  hasAll(): boolean;
}

export function sourceOf(message: SourceMessage): string {
  return message.hasAll() ? ALL_STREAM : nameOf(message.getStreamIdentifier());
}

export function nameOf(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

/** @throws RpcFailure */
export function definitionOf(options: CreateReq.Options | UpdateReq.Options | undefined): GroupDefinition {
  const settings = options?.getSettings();
  if (options === undefined || settings === undefined)
    throw invalidArgument('A group needs options and settings.');
  const all = options.getAll();
  const group = options.getGroupName();
  if (all === undefined) {
    const { stream, startFrom } = streamSource(options, settings);
    if (stream === '' || stream === ALL_STREAM) {
      throw groupFailed(stream, group, `'${stream}' is not a stream that a group can read.`);
    }
    return { stream, group, settings: settingsOf(settings, startFrom), filter: undefined };
  }
  const filter = 'getFilter' in all ? all.getFilter() : undefined;
  return {
    stream: ALL_STREAM,
    group,
    settings: settingsOf(settings, allStart(all, group)),
    filter: filter === undefined ? undefined : expressionOf(filter),
  };
}

/** Client 6.2.1 still sends the shape from before groups on `$all`: stream and revision outside of `stream`. */
function streamSource(
  options: CreateReq.Options | UpdateReq.Options,
  settings: Settings,
): { stream: string; startFrom: StartFrom } {
  const source = options.getStream();
  if (source === undefined) {
    return { stream: nameOf(options.getStreamIdentifier()), startFrom: startOf(settings.getRevision()) };
  }
  const stream = nameOf(source.getStreamIdentifier());
  if (source.hasStart()) return { stream, startFrom: 0 };
  return { stream, startFrom: source.hasRevision() ? startOf(source.getRevision()) : 'end' };
}

function allStart(all: CreateReq.AllOptions | UpdateReq.AllOptions, group: string): StartFrom {
  const position = all.getPosition();
  if (position === undefined) return all.hasStart() ? 0 : 'end';
  const commit = position.getCommitPosition();
  if (Number(position.getPreparePosition()) > Number(commit)) {
    throw groupFailed(ALL_STREAM, group, 'The prepare position must not lie behind the commit position.');
  }
  return startOf(commit);
}

const startOf = (text: string): StartFrom => (text === END_REVISION ? 'end' : Number(text));

function settingsOf(settings: Settings, startFrom: StartFrom): GroupSettings {
  const named = 'getConsumerStrategy' in settings ? settings.getConsumerStrategy() : '';
  const numbered = strategyNames[settings.getNamedConsumerStrategy()];
  return {
    resolveLinks: settings.getResolveLinks(),
    startFrom,
    extraStatistics: settings.getExtraStatistics(),
    messageTimeoutMs: settings.hasMessageTimeoutMs()
      ? settings.getMessageTimeoutMs()
      : Number(settings.getMessageTimeoutTicks()) / TICKS_PER_MS,
    maxRetryCount: settings.getMaxRetryCount(),
    checkpointAfterMs: settings.hasCheckpointAfterMs()
      ? settings.getCheckpointAfterMs()
      : Number(settings.getCheckpointAfterTicks()) / TICKS_PER_MS,
    minCheckpointCount: settings.getMinCheckpointCount(),
    maxCheckpointCount: settings.getMaxCheckpointCount(),
    maxSubscriberCount: settings.getMaxSubscriberCount(),
    liveBufferSize: settings.getLiveBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    strategy: named === '' ? (numbered ?? 'unknown') : named,
  };
}
