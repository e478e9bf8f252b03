/**
 * `npm run bench-scrape`: what a scrape of 100,000 series costs an agent, as a whole process with all its threads: the
 * first one that it ever answers, the second, and the median of those after that. The series are those of a counter
 * with three labels, out of a log; once counted by this very agent, once restored by one that has read nothing yet.
 *
 * The bundle is measured: `npm run build` first. Linux only.
 *
 *     npm run bench-scrape -- [--series 100000] [--runs 5] [--only 'openmetrics, gzip']
 */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { programOptions } from '../harness/program-options.ts';
import { median, startMeasured } from './measure.ts';
import { storedCounts } from './stored-counts.ts';
import { writeLog } from './write-log.ts';

/** The most CPU milliseconds that the first scrape may take: the bar of the design. */
const CPU_BAR_MS = 300;
const SCRAPES = 7;
/** Prometheus asks for OpenMetrics, and for gzip, unless it is told otherwise. */
const FORMATS = {
  text: { accept: 'text/plain;version=0.0.4' },
  openmetrics: { accept: 'application/openmetrics-text;version=1.0.0' },
  protobuf: {
    accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  },
  'openmetrics, gzip': { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'gzip' },
} as const;
const AGENT = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** CPU milliseconds of a process so far, all its threads together. */
function cpuMsOf(pid: number): number {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

/** Until the process has had nothing to do for a while: compilers and collectors work behind an answer. */
async function untilIdle(pid: number): Promise<number> {
  for (let before = cpuMsOf(pid); ; ) {
    await wait(250);
    const after = cpuMsOf(pid);
    if (after - before < 3) return after;
    before = after;
  }
}

/** Asks for the metrics, and returns the bytes that came. */
async function scrape(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const asked = request(url, { headers });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length;
  if (answer.statusCode !== 200) throw new Error(`Cannot measure: the agent answered with ${answer.statusCode}`);
  return bytes;
}

/** Starts an agent on a state folder, has it count or restore all series, and scrapes it again and again. */
async function measure(config: string, state: string, headers: Readonly<Record<string, string>>) {
  const { child, finished } = startMeasured([AGENT, 'run', '--config', config], { BENCH_STATE: state });
  const pid = child.pid!;
  let said = '';
  const url = new Promise<string>((resolve) => {
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      const found = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  const asked = await Promise.race([url, finished.then(() => '')]);
  if (asked === '') throw new Error(`Cannot measure: the agent has ended\n${said}`);
  for (;;) {
    await untilIdle(pid);
    if (countedIn(state) === series) break;
  }
  let before = await untilIdle(pid);
  const costs: number[] = [];
  let bytes = 0;
  for (let i = 0; i < SCRAPES; i++) {
    bytes = await scrape(asked, headers);
    const after = await untilIdle(pid);
    costs.push(after - before);
    before = after;
  }
  child.kill('SIGTERM');
  const { peakBytes } = await finished;
  return { costs, bytes, peakBytes };
}

/** How many series the checkpoint has; 0: there is none yet. */
function countedIn(state: string): number {
  try {
    return storedCounts(state).length;
  } catch {
    return 0;
  }
}

const values = programOptions(import.meta.filename, {
  series: { type: 'string', default: '100000' },
  runs: { type: 'string', default: '5' },
  only: { type: 'string' },
});
const [series, runs] = [Number(values.series), Number(values.runs)];
if (!(Number.isInteger(series) && series > 0 && Number.isInteger(runs) && runs > 0)) {
  throw new RangeError('Cannot run: "--series" and "--runs" take whole numbers above 0');
}
const folder = mkdtempSync(join(tmpdir(), 'pillion-bench-scrape-'));
try {
  const log = join(folder, 'app.log');
  let line = 0;
  writeLog(log, series, () => {
    const i = line++;
    const method = ['GET', 'POST', 'PUT', 'DELETE'][i % 4];
    const route = `/api/v1/resources/${(i >> 2) % 500}`;
    return `{"method":"${method}","route":"${route}","host":"server-${Math.floor(i / 2000)}.example.org"}`;
  });
  const counter = {
    name: 'http.server.requests',
    labels: { 'http.request.method': 'method', 'http.route': 'route', 'server.address': 'host' },
    max_series: series,
  };
  const config = join(folder, 'pillion.yaml');
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      state: '$' + '{BENCH_STATE}',
      sources: { app: { type: 'file', include: [log] } },
      pipelines: { count: { from: ['app'], stages: ['json', { counter }], to: ['scrape'] } },
      sinks: { scrape: { type: 'prometheus', listen: '127.0.0.1:0' } },
    }),
  );
  let worst = 0;
  for (const [format, headers] of Object.entries(FORMATS)) {
    if (values.only !== undefined && values.only !== format) continue;
    for (const kind of ['counted', 'restored'] as const) {
      const firsts: number[] = [];
      for (let run = 0; run < runs; run++) {
        const state = mkdtempSync(join(folder, 'state-'));
        let measured = await measure(config, state, headers);
        if (kind === 'restored') measured = await measure(config, state, headers);
        const { costs, bytes, peakBytes } = measured;
        const [first = 0, second = 0, ...more] = costs;
        firsts.push(first);
        process.stdout.write(
          `${format}, ${kind}: first ${first.toFixed(0)} ms, second ${second.toFixed(0)} ms, then ${median(more).toFixed(0)} ms; ` +
            `${(bytes / 2 ** 20).toFixed(1)} MiB; peak memory ${(peakBytes / 1e6).toFixed(0)} MB\n`,
        );
        rmSync(state, { recursive: true });
      }
      worst = Math.max(worst, ...firsts);
    }
  }
  process.stdout.write(
    `worst first scrape: ${worst.toFixed(0)} ms of CPU, bar ${CPU_BAR_MS}: ${worst <= CPU_BAR_MS ? 'met' : 'MISSED'}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
