import { ANY } from '../log/expected-revision';
import { systemEvent } from '../log/write-batch';
import { groupDoesNotExist, groupExists, groupFailed } from '../rpc/failures';
import { GroupEnvironment, PersistentGroup } from './group';
import {
  checkpointStream,
  CONFIG_EVENT,
  CONFIG_STREAM,
  GroupDefinition,
  groupKey,
  parkedStream,
  refusalOf,
} from './group-settings';

/** Message timeouts and checkpoints are looked at this often. */
const TICK_MS = 1_000;
const CONFIG_VERSION = '2';

interface StoredConfig {
  readonly entries: readonly GroupDefinition[];
}

/** All groups of the server; their definitions live in `$persistentSubscriptionConfig`. */
export class PersistentGroups {
  private readonly groups = new Map<string, PersistentGroup>();
  private readonly ticking: NodeJS.Timeout;

  constructor(private readonly environment: GroupEnvironment) {
    this.load();
    this.ticking = setInterval(() => {
      for (const group of this.groups.values()) group.tick();
    }, TICK_MS);
    this.ticking.unref();
  }

  /** @throws RpcFailure */
  get(stream: string, group: string): PersistentGroup {
    const found = this.groups.get(groupKey(stream, group));
    if (found === undefined) throw groupDoesNotExist(stream, group);
    return found;
  }

  /** All of them, or those on one stream. */
  list(stream?: string): PersistentGroup[] {
    return [...this.groups.values()].filter(
      (group) => stream === undefined || group.definition.stream === stream,
    );
  }

  /** @throws RpcFailure */
  async create(definition: GroupDefinition): Promise<void> {
    const { stream, group } = definition;
    const key = groupKey(stream, group);
    if (this.groups.has(key)) throw groupExists(stream, group);
    this.check(definition);
    this.groups.set(key, new PersistentGroup(definition, this.environment));
    await this.save();
  }

  /** Drops the consumers; checkpoint, parked messages and the filter stay. @throws RpcFailure */
  async update(definition: GroupDefinition): Promise<void> {
    const existing = this.get(definition.stream, definition.group);
    const updated = { ...definition, filter: existing.definition.filter };
    this.check(updated);
    existing.close();
    this.groups.set(existing.key, new PersistentGroup(updated, this.environment));
    await this.save();
  }

  /** @throws RpcFailure */
  async delete(stream: string, group: string): Promise<void> {
    const existing = this.get(stream, group);
    existing.close();
    this.groups.delete(existing.key);
    await this.save();
    const { log } = this.environment;
    for (const kept of [checkpointStream(existing.key), parkedStream(existing.key)]) {
      if (log.reader.lastRevision(kept) < 0) continue;
      await log.write({ kind: 'soft-delete', stream: kept, expected: ANY, events: [] });
    }
  }

  /** As after a change of leader: every consumer is dropped and the groups start again from their streams. */
  restart(): void {
    for (const group of this.groups.values()) group.close();
    this.groups.clear();
    this.load();
  }

  close(reason: unknown): void {
    clearInterval(this.ticking);
    for (const group of this.groups.values()) group.close(reason);
  }

  private check(definition: GroupDefinition): void {
    const refusal = refusalOf(definition, this.environment.log.lastPosition);
    if (refusal !== undefined) throw groupFailed(definition.stream, definition.group, refusal);
  }

  private load(): void {
    const last = this.environment.log.reader.lastRecord(CONFIG_STREAM);
    if (last === undefined) return;
    const { entries } = JSON.parse(last.data.toString('utf8')) as StoredConfig;
    for (const definition of entries) {
      const key = groupKey(definition.stream, definition.group);
      this.groups.set(key, new PersistentGroup(definition, this.environment));
    }
  }

  private async save(): Promise<void> {
    const { log, now } = this.environment;
    const entries = [...this.groups.values()].map((group) => group.definition);
    const config = { version: CONFIG_VERSION, updated: new Date(now()).toISOString(), entries };
    await log.append(CONFIG_STREAM, ANY, [systemEvent(CONFIG_EVENT, Buffer.from(JSON.stringify(config)))]);
  }
}
