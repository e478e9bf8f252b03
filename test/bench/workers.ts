/**
 * `npm run bench-workers`: how many lines a second two worker threads deliver beside one thread. Both run as whole
 * processes, in turn, from start to drained exit, on files side by side, against a server that only counts. The server
 * takes its share of the cores, too.
 *
 *     npm run bench-workers -- [--lines 4000000] [--files 8] [--runs 5] [--workers 2] [--only plain|nginx]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateAccessLog } from './generate-access-log.ts';
import { generateJsonLog } from './generate-json-log.ts';
import { median, NullServer, startMeasured, type Usage } from './measure.ts';

/** How much faster two workers must be. */
const BAR = 1.7;

const CASES = [
  { name: 'plain', generate: generateJsonLog },
  { name: 'nginx', generate: generateAccessLog },
] as const;

const ROOT = new URL('../../', import.meta.url);
const MAIN = fileURLToPath(new URL('dist/main.js', ROOT));
const CONFIG = { plain: 'workers-plain.yaml', nginx: 'workers-nginx.yaml' };

/** One run with that many workers. Throws when the server has not got every request that it was to get. */
async function runWith(workers: number, logs: string, name: keyof typeof CONFIG, server: NullServer): Promise<Usage> {
  const config = fileURLToPath(new URL(CONFIG[name], import.meta.url));
  const { child, finished } = startMeasured([MAIN, 'run', '--config', config], {
    BENCH_STATE: mkdtempSync(join(logs, '../state-')),
    BENCH_LOGS: join(logs, '*.log'),
    BENCH_ENDPOINT: server.endpoint,
    BENCH_WORKERS: String(workers),
  });
  await Promise.race([server.firstRequest(), finished]);
  child.kill('SIGTERM');
  const usage = await finished;
  await server.report();
  return usage;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '4000000' },
      files: { type: 'string', default: '8' },
      runs: { type: 'string', default: '5' },
      workers: { type: 'string', default: '2' },
      only: { type: 'string' },
    },
  });
  const [lines, files, runs, workers] = [values.lines, values.files, values.runs, values.workers].map(Number);
  if (![lines, files, runs, workers].every((value) => Number.isInteger(value) && value! > 0)) {
    throw new RangeError('Cannot run bench: "--lines", "--files", "--runs" and "--workers" take whole numbers above 0');
  }
  const build = fileURLToPath(new URL('tools/build.ts', ROOT));
  execFileSync(process.execPath, [build], { stdio: ['ignore', 'ignore', 2] });
  for (const { name, generate } of CASES.filter((one) => values.only === undefined || values.only === one.name)) {
    const folder = mkdtempSync(join(tmpdir(), 'pillion-bench-'));
    try {
      const logs = join(folder, 'logs');
      mkdirSync(logs);
      for (let file = 0; file < files!; file++) generate(join(logs, `${file}.log`), Math.floor(lines! / files!));
      await using server = await NullServer.start({ decode: false });
      const alone: Usage[] = [];
      const spread: Usage[] = [];
      for (let run = 1; run <= runs!; run++) {
        print(`${name}, pair ${run} of ${runs}`);
        alone.push(await runWith(1, logs, name, server));
        spread.push(await runWith(workers!, logs, name, server));
      }
      report(name, lines!, { 1: alone, [workers!]: spread });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function report(name: string, lines: number, usages: Readonly<Record<number, readonly Usage[]>>): void {
  for (const [workers, runs] of Object.entries(usages)) {
    const rate = median(runs.map(({ wallMs }) => lines / wallMs));
    const cpu = median(runs.map(({ cpuMs }) => cpuMs / 1000 / (lines / 1e6)));
    const peak = median(runs.map(({ peakBytes }) => peakBytes / 1e6));
    const figures = `${rate.toFixed(0)} lines/ms, ${cpu.toFixed(2)} CPU s a million, peak ${peak.toFixed(0)} MB`;
    print(`${name.padEnd(6)} workers: ${workers}   ${figures}`);
  }
  const [alone, spread] = Object.values(usages) as [readonly Usage[], readonly Usage[]];
  const ratio = median(alone.map(({ wallMs }, run) => wallMs / spread[run]!.wallMs));
  const machine = `Node.js ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown CPU'}`;
  print(
    `${name.padEnd(6)} ${ratio.toFixed(2)} times as fast   bar ${BAR}   ${ratio >= BAR ? 'met' : 'MISSED'}   ${machine}`,
  );
}

await main();
