/** Looks for a container engine once; the suites read CONTAINERS (1 or 0) and CONTAINERS_WHY. */
module.exports = async () => {
  if (process.env.CONTAINERS === '0') {
    process.env.CONTAINERS_WHY = 'switched off by CONTAINERS=0';
    return;
  }
  try {
    const { getContainerRuntimeClient } = require('testcontainers');
    const client = await getContainerRuntimeClient();
    const { operatingSystem, serverVersion } = client.info.containerRuntime;
    process.env.CONTAINERS = '1';
    process.env.CONTAINERS_WHY = `${operatingSystem} ${serverVersion}`;
  } catch (error) {
    // whoever asks for containers by name must not get a green run without them
    if (process.env.CONTAINERS === '1') {
      throw new Error(`CONTAINERS=1, but there is no container engine: ${error.message}`, { cause: error });
    }
    process.env.CONTAINERS = '0';
    process.env.CONTAINERS_WHY = `no container engine: ${error.message}`;
  }
};
