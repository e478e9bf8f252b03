import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMeasured, type Usage } from '../measure.ts';
import { type StoredSeries, storedCounts } from '../stored-counts.ts';
import { writeLog } from '../write-log.ts';
import { type Check, say } from './setting.ts';

const AGENT = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const LINES = 10_000_000;
/** The default of `max_series`. */
const MAX_SERIES = 2000;
/** What a flood may take of memory, against the same lines counted without the label. */
const MEMORY_BAR = 1.2;
const KINDS = ['a', 'b', 'c'];

/** What ten million different values of a label do: to the memory, and to what else is counted. */
export async function labelFlood(folder: string): Promise<Check[]> {
  const log = join(folder, 'logs/app.log');
  mkdirSync(join(folder, 'logs'), { recursive: true });
  let line = 0;
  writeLog(log, LINES, () => {
    line++;
    return `{"id":"user-${line}","kind":"${KINDS[line % KINDS.length]}"}`;
  });
  const lines = { name: 'lines', labels: ['kind'] };
  const calm = await count(folder, log, [{ counter: lines }]);
  const flooded = await count(folder, log, [{ counter: lines }, { counter: { name: 'users', labels: ['id'] } }]);
  for (const [name, { usage }] of Object.entries({ calm, flooded })) {
    say(`${name}: ${(usage.cpuMs / 1000).toFixed(1)} CPU s, ${(usage.peakBytes / 1e6).toFixed(0)} MB`);
  }
  const sumOf = (metric: string, isWanted: (series: StoredSeries) => boolean = () => true): number =>
    flooded.series.filter((one) => one.metric === metric && isWanted(one)).reduce((sum, one) => sum + one.state[0]!, 0);
  const overflow = sumOf('users', ({ labels }) => labels === null);
  const series = flooded.series.filter(({ metric }) => metric === 'users').length;
  return [
    { what: 'Label flood: lines not counted elsewhere', value: LINES - sumOf('lines'), bar: 0, unit: 'lines' },
    { what: 'Label flood: lines not in the overflow', value: LINES - overflow, bar: MAX_SERIES, unit: 'lines' },
    { what: 'Label flood: series', value: series, bar: MAX_SERIES + 1, unit: '' },
    {
      what: 'Label flood: peak memory, to the same without the label',
      value: flooded.usage.peakBytes / calm.usage.peakBytes,
      bar: MEMORY_BAR,
      unit: '',
    },
  ];
}

/** Runs an agent over a log, to its end. */
async function count(
  folder: string,
  log: string,
  counters: readonly object[],
): Promise<{ readonly usage: Usage; readonly series: StoredSeries[] }> {
  const state = mkdtempSync(join(folder, 'state-'));
  const config = {
    state,
    drain_timeout: '10m',
    sources: { app: { type: 'file', include: [log] } },
    pipelines: { count: { from: ['app'], stages: ['json', ...counters], to: ['scrape'] } },
    sinks: { scrape: { type: 'prometheus', listen: '127.0.0.1:0' } },
  };
  const file = join(folder, 'pillion.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const { child, finished } = startMeasured([AGENT, 'run', '--config', file]);
  const started = new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => String(chunk).includes('Agent started.') && resolve());
  });
  await Promise.race([started, finished]);
  child.kill('SIGTERM');
  return { usage: await finished, series: storedCounts(state) };
}
