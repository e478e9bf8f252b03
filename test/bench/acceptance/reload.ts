import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReloadResult } from '../../../src/agent/reload-report.ts';
import { median } from '../measure.ts';
import { Agent, type Check, CountingServer, say, writeLines } from './setting.ts';

const RELOADS = 200;
/** Every so many of them the configuration is broken. */
const BROKEN_EVERY = 10;
const LINES_PER_SECOND = 4000;
const LINES = 400_000;
const LINES_PER_FILE = 20_000;
/** So that the reloads take as long as the writing. */
const PACE_MS = (1000 * LINES) / LINES_PER_SECOND / RELOADS;
const MAX_GROWTH_MB = 40;

/** 200 reloads while lines come and files are rotated, 20 of them of broken configurations. */
export async function reload(folder: string): Promise<Check[]> {
  await using near = await CountingServer.start();
  await using far = await CountingServer.start();
  const configs = createConfigs(folder, near.port, far.port);
  const agent = new Agent(folder, near.port, {}, {}, configs[0]);
  const address = await agent.adminAddress();
  const path = join(folder, 'logs/app.log');
  const writing = { path, from: 1, lines: LINES, linesPerSecond: LINES_PER_SECOND, linesPerFile: LINES_PER_FILE };
  let isWritten = false;
  const written = writeLines(writing).then(() => {
    isWritten = true;
  });
  const tookMs: number[] = [];
  let unexpected = 0;
  let underLoad = 0;
  let memoryBefore = 0;
  for (let round = 1; round <= RELOADS; round++) {
    const isBroken = round % BROKEN_EVERY === 0;
    const text = JSON.stringify(configs[round % configs.length]);
    putConfig(folder, isBroken ? text.replace('"include"', '"inculde"') : text);
    if (!isWritten) underLoad++;
    const startMs = performance.now();
    const response = await fetch(`http://${address}/-/reload`, { method: 'POST' });
    const { result } = (await response.json()) as ReloadResult;
    tookMs.push(performance.now() - startMs);
    if (result !== (isBroken ? 'failed' : 'reloaded')) {
      unexpected++;
      say(`reload ${round}: ${response.status} ${result}`);
    }
    if (round === RELOADS / 4) memoryBefore = agent.memoryBytes();
    await wait(Math.max(0, PACE_MS - (performance.now() - startMs)));
  }
  const growth = (agent.memoryBytes() - memoryBefore) / 1e6;
  const handles = agent.handles();
  await written;
  const { lines } = await near.untilLines(LINES, 60_000);
  const exit = await agent.end('SIGTERM');
  const { records, foreign } = await near.report();
  const other = await far.report();
  say(
    `${RELOADS} reloads, ${underLoad} while lines came: median ${median(tookMs).toFixed(0)} ms, at most ${Math.max(...tookMs).toFixed(0)} ms`,
  );
  say(
    `${lines} of ${LINES} lines arrived; at the sink that came and went ${other.lines}; ${handles} handles; exit ${exit}`,
  );
  if (lines < LINES || exit !== 0) say(agent.log.slice(-4000));
  const title = `${RELOADS} reloads`;
  return [
    { what: `${title}: lost`, value: LINES - lines, bar: 0, unit: 'lines' },
    { what: `${title}: repeated`, value: records - lines - foreign, bar: 0, unit: 'lines' },
    { what: `${title}: repeated at the other sink`, value: other.records - other.lines, bar: 0, unit: 'lines' },
    { what: `${title}: invented`, value: foreign, bar: 0, unit: 'lines' },
    { what: `${title}: other than expected`, value: unexpected, bar: 0, unit: '' },
    { what: `${title}: ends well`, value: exit === 0 ? 0 : 1, bar: 0, unit: '' },
    { what: `${title}: memory grows by`, value: growth, bar: MAX_GROWTH_MB, unit: 'MB' },
    { what: `${title}: handles`, value: handles, bar: 100, unit: '' },
  ];
}

/** At once, as an editor or the kubelet does it. */
function putConfig(folder: string, text: string): void {
  const next = join(folder, 'next.yaml');
  writeFileSync(next, text);
  renameSync(next, join(folder, 'pillion.yaml'));
}

/** Configurations of which each differs from the next one in something else. */
function createConfigs(folder: string, near: number, far: number): object[] {
  const app = { type: 'file', include: [join(folder, 'logs/app.log')] };
  const other = { type: 'file', include: [join(folder, 'none/*.log')] };
  const sinkTo = (port: number, options: object = {}): object => ({
    type: 'otlp',
    endpoint: `http://127.0.0.1:${port}`,
    flush_interval: '100ms',
    ...options,
  });
  const configOf = (parts: {
    app?: object;
    other?: object;
    near?: object;
    far?: object;
    stages?: object[];
  }): object => ({
    state: join(folder, 'state'),
    admin: { listen: '127.0.0.1:0' },
    reload: 'manual',
    sources: { app: { ...app, ...parts.app }, ...(parts.other && { other: parts.other }) },
    pipelines: {
      logs: {
        from: parts.other ? ['app', 'other'] : ['app'],
        stages: parts.stages ?? [],
        to: parts.far ? ['near', 'far'] : ['near'],
      },
    },
    sinks: { near: parts.near ?? sinkTo(near), ...(parts.far && { far: parts.far }) },
  });
  return [
    configOf({}),
    configOf({ stages: [{ set: { colour: 'red' } }] }),
    configOf({ near: sinkTo(near, { compression: 'none' }) }),
    configOf({ app: { max_record_size: '64KiB' } }),
    configOf({ other }),
    configOf({ far: sinkTo(far) }),
    configOf({ far: sinkTo(far), near: sinkTo(near, { max_in_flight: 2 }) }),
    configOf({ far: sinkTo(far, { compression: 'none' }), app: { max_record_size: '32KiB' } }),
    configOf({ stages: [{ set: { colour: 'green' } }, { dedupe: {} }] }),
  ];
}
