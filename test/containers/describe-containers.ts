import { describeUnless } from '../not-run';

/** Runs the block only where the global set-up found a container engine; elsewhere its tests are reported as not run. */
export const describeContainers = (name: string, body: () => void): void => {
  const missing =
    process.env.CONTAINERS === '1'
      ? undefined
      : `${process.env.CONTAINERS_WHY ?? 'nobody looked for a container engine'}; CONTAINERS=1 makes this an error`;
  describeUnless(missing, name, body);
};
