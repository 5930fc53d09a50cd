import type { Clock, RunningProjection } from '@tender/engine';
import { workWhileHolding } from '@tender/engine';
import type { SimProcess } from './sim-process';
import type { World } from './world';

/** A beat is as rare as a sweep once nothing fails any more, since a world may last for days. */
const RARER_WHEN_HEALED = 1_200;

/** One worker projects, as the others believe; whoever was stopped believes so, too, until its next beat. */
export function projectWhileHolding(
  world: World,
  process: SimProcess,
  project: () => RunningProjection,
): void {
  const { leases, faults } = world;
  if (leases === undefined) throw new Error('this world has no leases');
  const clock: Clock = {
    now: () => process.clock.now(),
    after: (ms, run) => process.clock.after(faults.isHealed ? ms * RARER_WHEN_HEALED : ms, run),
  };
  workWhileHolding({
    name: 'payment-status',
    holder: `${process.name} from ${process.clock.now()} on`,
    leases: {
      find: (name) => process.whenItGoesOn(() => leases.find(name)),
      take: (...args) => process.whenItGoesOn(() => leases.take(...args)),
      beat: (lease) => process.whenItGoesOn(() => leases.beat(lease)),
      giveUp: (lease) => process.whenItGoesOn(() => leases.giveUp(lease)),
    },
    clock,
    begin: project,
    report: ({ what, error }) => {
      if (process.alive) world.problem(what === 'leased_work_ended' ? 'reader_stopped' : what, error);
    },
  });
}
