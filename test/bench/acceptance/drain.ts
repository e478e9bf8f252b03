import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../measure.ts';
import { LINE_BYTES } from './numbered-lines.ts';
import { Agent, type Check, CountingServer, say, writeLines } from './setting.ts';

const FAST_LINES = 400_000;
const BACKLOG_LINES = Math.ceil((50 * 2 ** 20) / LINE_BYTES);
const DRAIN_BAR_SECONDS = 2;
const RUNS = 5;

/** SIGTERM right after the last of 400,000 fast lines; and with 50 MiB of which nothing is delivered yet. */
export async function drain(folder: string): Promise<Check[]> {
  await using server = await CountingServer.start();
  const checks = await terminateAfterLastLine(join(folder, 'fast'), server);
  const seconds: number[] = [];
  let missing = 0;
  for (let run = 1; run <= RUNS; run++) {
    await server.reset();
    const drained = await drainBacklog(join(folder, `backlog-${run}`), server);
    seconds.push(drained.seconds);
    missing += drained.missing;
  }
  say(`drains of ${BACKLOG_LINES} lines took ${seconds.map((value) => value.toFixed(2)).join(', ')} s`);
  return [
    ...checks,
    { what: '50 MiB drained: lost', value: missing, bar: 0, unit: 'lines' },
    { what: '50 MiB drained in', value: median(seconds), bar: DRAIN_BAR_SECONDS, unit: 's' },
  ];
}

async function terminateAfterLastLine(folder: string, server: CountingServer): Promise<Check[]> {
  const agent = new Agent(folder, server.port);
  await agent.started();
  const path = join(folder, 'logs/app.log');
  await writeLines({ path, from: 1, lines: FAST_LINES, linesPerSecond: 0, linesPerFile: 0 });
  const startMs = performance.now();
  const exit = await agent.end('SIGTERM');
  const seconds = (performance.now() - startMs) / 1000;
  const { lines, records } = await server.report();
  say(`${FAST_LINES} fast lines (${statSync(path).size} bytes): exit ${exit}, ${seconds.toFixed(2)} s after SIGTERM`);
  if (exit !== 0) say(agent.log);
  return [
    { what: 'SIGTERM after 400,000 fast lines: lost', value: FAST_LINES - lines, bar: 0, unit: 'lines' },
    { what: 'SIGTERM after 400,000 fast lines: repeats', value: records - lines, bar: 0, unit: 'lines' },
    { what: 'SIGTERM after 400,000 fast lines: ends well', value: exit === 0 ? 0 : 1, bar: 0, unit: '' },
  ];
}

/** Lets the backlog grow while nobody listens; the backend comes back just before SIGTERM. */
async function drainBacklog(folder: string, server: CountingServer): Promise<{ seconds: number; missing: number }> {
  await server.goAway();
  const agent = new Agent(folder, server.port);
  await agent.started();
  const path = join(folder, 'logs/app.log');
  await writeLines({ path, from: 1, lines: BACKLOG_LINES, linesPerSecond: 0, linesPerFile: 0 });
  readFileSync(path); // what was just written is in memory, as in a pod that ends
  await server.comeBack();
  const startMs = performance.now();
  await agent.end('SIGTERM');
  const seconds = (performance.now() - startMs) / 1000;
  const { lines } = await server.report();
  return { seconds, missing: BACKLOG_LINES - lines };
}
