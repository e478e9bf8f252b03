// What Node says of a process, as JSON for the source node_status. An application needs no change for it:
//
//   node --import ./node-status.mjs app.js
//
// It answers processes of its own pod alone. The delay and the utilization are those since the last answer.
import { createServer } from 'node:http';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

// Threads of the application load this, too.
if (isMainThread) start(Number(process.env.NODE_STATUS_PORT ?? 9228));

function start(port) {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let last = performance.eventLoopUtilization();
  const server = createServer((_request, response) => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    const { min, max, mean, stddev } = delay;
    const [p50, p90, p99] = [50, 90, 99].map((percentile) => delay.percentile(percentile));
    const status = {
      uptime: process.uptime(),
      memoryUsage: process.memoryUsage(),
      resourceUsage: process.resourceUsage(),
      eventLoopUtilization: { active: now.active, idle: now.idle, utilization },
      eventLoopDelay: delay.count === 0 ? undefined : { min, max, mean, stddev, p50, p90, p99 },
      heapSpaces: getHeapSpaceStatistics(),
    };
    last = now;
    delay.reset();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(status));
  });
  // Where the port is taken, as by an npm that has started the application, or by the first process of a cluster, this
  // says nothing, and the application runs.
  server.on('error', () => delay.disable());
  server.listen(port, '127.0.0.1');
  // Whoever only waits for this has nothing left to do.
  server.unref();
}
