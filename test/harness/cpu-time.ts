/**
 * Milliseconds of CPU that `work`, which is synchronous, takes of this thread: what it costs, however busy the machine
 * is. Tests that hold a limit of cost measure with this, not with a clock.
 */
export function cpuMsOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Microseconds of CPU that `work` takes of this process, its helper threads included. Exact to one of them, where what
 * is known of a thread can be some milliseconds late.
 */
export function processCpuUsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
