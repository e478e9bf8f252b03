/**
 * `npm run bench-metrics`: what the agent costs that makes metrics out of an access log and delivers nothing else, beside
 * a program with prom-client and an object a record. Both run as whole processes, in turn, from start to exit.
 *
 * The log is long, because the bar is about what a line costs. Of a million lines the agent spends a good part on
 * its start, and until V8 has compiled what is hot: `--lines 1000000` shows that.
 *
 *     npm run bench-metrics -- [--lines 3000000] [--runs 5]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { programOptions } from '../harness/program-options.ts';
import { generateAccessLog } from './generate-access-log.ts';
import { median, startMeasured, type Usage } from './measure.ts';
import { storedCounts } from './stored-counts.ts';

/** The most that the agent's CPU seconds may be of the yardstick's. */
const CPU_BAR = 0.5;
const ROOT = new URL('../../', import.meta.url);

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** Runs the agent with a state folder of its own, and asks it to drain as soon as it runs. */
async function runAgent(folder: string, log: string): Promise<{ readonly usage: Usage; readonly state: string }> {
  const state = mkdtempSync(join(folder, 'state-'));
  const args = [fileURLToPath(new URL('dist/main.js', ROOT)), 'run', '--config', pathOf('red.yaml')];
  const { child, finished } = startMeasured(args, { BENCH_STATE: state, BENCH_LOG: log });
  const started = new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => String(chunk).includes('Agent started.') && resolve());
  });
  await Promise.race([started, finished]);
  child.kill('SIGTERM');
  return { usage: await finished, state };
}

/** How many requests the last checkpoint of an agent has counted: those in the 15 buckets. */
function countedIn(state: string): number {
  let requests = 0;
  for (const series of storedCounts(state)) for (const count of series.state.slice(0, 15)) requests += count;
  return requests;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const values = programOptions(import.meta.filename, {
  lines: { type: 'string', default: '3000000' },
  runs: { type: 'string', default: '5' },
});
const [lines, runs] = [Number(values.lines), Number(values.runs)];
if (!(Number.isInteger(lines) && lines > 0 && Number.isInteger(runs) && runs > 0)) {
  throw new RangeError('Cannot run: "--lines" and "--runs" take whole numbers above 0');
}
const folder = mkdtempSync(join(tmpdir(), 'pillion-bench-metrics-'));
try {
  print(`Building the agent. The log has ${lines.toLocaleString('en')} lines.`);
  execFileSync(process.execPath, [fileURLToPath(new URL('tools/build.ts', ROOT))], { stdio: ['ignore', 'ignore', 2] });
  const yardstick = join(folder, 'yardstick.cjs');
  const entry = readFileSync(pathOf('red-yardstick.ts'), 'utf8').replace('await main()', 'void main()');
  buildSync({
    stdin: { contents: entry, loader: 'ts', resolveDir: pathOf('.') },
    outfile: yardstick,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
  });
  const log = join(folder, 'access.log');
  generateAccessLog(log, lines, { withDuration: true });
  const ratios: number[] = [];
  const usages: { yardstick: Usage; agent: Usage }[] = [];
  for (let run = 0; run <= runs; run++) {
    const yardstickUsage = await startMeasured([yardstick, log]).finished;
    const { usage, state } = await runAgent(folder, log);
    const counted = countedIn(state);
    if (counted !== lines) throw new Error(`Cannot compare: the agent has counted ${counted} of ${lines} requests`);
    if (run === 0) continue; // warms the page cache
    print(
      `pair ${run} of ${runs}: ${(yardstickUsage.cpuMs / 1000).toFixed(2)} s, ${(usage.cpuMs / 1000).toFixed(2)} s`,
    );
    usages.push({ yardstick: yardstickUsage, agent: usage });
    ratios.push(usage.cpuMs / yardstickUsage.cpuMs);
  }
  for (const name of ['yardstick', 'agent'] as const) {
    const cpu = median(usages.map((pair) => pair[name].cpuMs)) / 1000;
    const peak = median(usages.map((pair) => pair[name].peakBytes)) / 1e6;
    print(`${name.padEnd(10)} ${cpu.toFixed(2)} CPU s, peak memory ${peak.toFixed(0)} MB`);
  }
  const ratio = median(ratios);
  print(`CPU seconds, agent to yardstick: ${ratio.toFixed(2)}, bar ${CPU_BAR}: ${ratio <= CPU_BAR ? 'met' : 'MISSED'}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
