/**
 * Loaded by `node --require` into a program that is measured: writes what the whole process used to file descriptor 3
 * when it exits. It is no module of TypeScript, because loading those would cost memory.
 */
const { readFileSync, writeSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(
    3,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: highWaterMark() ?? maxRSS * 1024 }),
  );
});

/** On Linux, `maxRSS` of a young process is that of its parent at the fork; this is only its own. */
function highWaterMark() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return undefined;
  }
}
