/**
 * `npm run bench`: what the agent costs, beside the yardstick that does the same work with an object a record. Both run
 * as whole processes, in turn, from start to drained exit, against a server that only counts.
 *
 *     npm run bench -- [--lines 1000000] [--runs 5] [--only plain|gzip]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transformSync } from 'esbuild';
import { type GeneratedLog, generateJsonLog } from './generate-json-log.ts';
import { median, NullServer, startMeasured, type Usage } from './measure.ts';

/** The bars of the design: the agent's CPU seconds against the yardstick's, its peak memory against a bare Node.js. */
const CPU_BARS = { plain: 0.5, gzip: 0.7 } as const;
const MEMORY_BAR = 2.2;

/** The defaults of the OTLP sink, which the yardstick gets too. */
const REQUEST_BYTES = 1024 * 1024;
const REQUESTS_IN_FLIGHT = 4;

type Compression = keyof typeof CPU_BARS;

const ROOT = new URL('../../', import.meta.url);

/** What is compared, in a temporary folder of its own. */
interface Bench {
  readonly folder: string;
  readonly log: string;
  readonly size: GeneratedLog;
  readonly yardstick: string;
}

function prepare(folder: string, lines: number): Bench {
  print(`Building the agent, and writing a log of ${lines.toLocaleString('en')} lines.`);
  if(0)execFileSync(process.execPath, [fileURLToPath(new URL('tools/build.ts', ROOT))], { stdio: ['ignore', 'ignore', 2] });
  const log = join(folder, 'app.log');
  const size = generateJsonLog(log, lines);
  const yardstick = join(folder, 'yardstick.mjs');
  const source = readFileSync(new URL('yardstick.ts', import.meta.url), 'utf8');
  // Not as TypeScript: loading that would cost the yardstick what the bundled agent does not pay.
  writeFileSync(yardstick, transformSync(source, { loader: 'ts', format: 'esm', target: 'node24' }).code);
  return { folder, log, size, yardstick };
}

async function runYardstick(bench: Bench, server: NullServer, compression: Compression): Promise<Usage> {
  const encoding = compression === 'plain' ? 'none' : 'gzip';
  const url = `${server.endpoint}/v1/logs`;
  const args = [bench.yardstick, bench.log, url, encoding, String(REQUEST_BYTES), String(REQUESTS_IN_FLIGHT)];
  return startMeasured(args).finished;
}

/** Runs the agent with a state folder of its own, and asks it to drain as soon as it sends. */
async function runAgent(bench: Bench, server: NullServer, compression: Compression): Promise<Usage> {
  const args = [
    '/tmp/bw/root2/dist/main.js',
    'run',
    '--config',
    fileURLToPath(new URL('agent.yaml', import.meta.url)),
  ];
  const { child, finished } = startMeasured(args, {
    BENCH_STATE: mkdtempSync(join(bench.folder, 'state-')),
    BENCH_LOG: bench.log,
    BENCH_ENDPOINT: server.endpoint,
    BENCH_COMPRESSION: compression === 'plain' ? 'none' : 'gzip',
  });
  await Promise.race([server.firstRequest(), finished]);
  child.kill('SIGTERM');
  return finished;
}

/** Runs both once against a server that decodes. Throws when a line is missing; warms the page cache, too. */
async function checkCounts(bench: Bench, compression: Compression): Promise<void> {
  await using server = await NullServer.start({ decode: true });
  for (const [name, run] of Object.entries({ yardstick: runYardstick, agent: runAgent })) {
    await run(bench, server, compression);
    const { records } = await server.report();
    if (records !== bench.size.lines) {
      throw new Error(`Cannot compare: ${name} delivered ${records} of ${bench.size.lines} records`);
    }
  }
}

interface Pair {
  readonly yardstick: Usage;
  readonly agent: Usage;
}

async function comparePairs(bench: Bench, compression: Compression, runs: number): Promise<Pair[]> {
  await using server = await NullServer.start({ decode: false });
  const pairs: Pair[] = [];
  for (let run = 1; run <= runs; run++) {
    print(`${compression}, pair ${run} of ${runs}`);
    const yardstick = await runYardstick(bench, server, compression);
    await server.report();
    const agent = await runAgent(bench, server, compression);
    await server.report();
    pairs.push({ yardstick, agent });
  }
  return pairs;
}

async function measureBareNode(folder: string, runs: number): Promise<number> {
  const empty = join(folder, 'empty.cjs');
  writeFileSync(empty, '');
  const peaks: number[] = [];
  for (let run = 0; run < runs; run++) peaks.push((await startMeasured([empty]).finished).peakBytes);
  return median(peaks);
}

function report(bench: Bench, compression: Compression, pairs: readonly Pair[], bareBytes: number): string[] {
  const millions = bench.size.lines / 1e6;
  const row = (name: string, usages: readonly Usage[]): string => {
    const cpu = usages.map(({ cpuMs }) => cpuMs / 1000 / millions);
    const range = `${Math.min(...cpu).toFixed(2)} to ${Math.max(...cpu).toFixed(2)}`;
    const speed = median(usages.map(({ wallMs }) => bench.size.bytes / 1e3 / wallMs));
    const peak = median(usages.map(({ peakBytes }) => peakBytes));
    return [
      compression.padEnd(6),
      name.padEnd(10),
      median(cpu).toFixed(2).padStart(9),
      range.padStart(15),
      speed.toFixed(0).padStart(7),
      (peak / 1e6).toFixed(0).padStart(9),
      (peak / bareBytes).toFixed(2).padStart(13),
    ].join(' ');
  };
  return [
    row(
      'yardstick',
      pairs.map((pair) => pair.yardstick),
    ),
    row(
      'agent',
      pairs.map((pair) => pair.agent),
    ),
  ];
}

function verdict(what: string, ratio: number, bar: number): string {
  return `${what.padEnd(52)} ${ratio.toFixed(2).padStart(5)}   bar ${bar.toFixed(1)}   ${ratio <= bar ? 'met' : 'MISSED'}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: '1000000' },
      runs: { type: 'string', default: '5' },
      only: { type: 'string' },
    },
  });
  const [lines, runs] = [Number(values.lines), Number(values.runs)];
  if (!(Number.isInteger(lines) && lines > 0 && Number.isInteger(runs) && runs > 0)) {
    throw new RangeError('Cannot run bench: "--lines" and "--runs" take whole numbers above 0');
  }
  const compressions = (['plain', 'gzip'] as const).filter((name) => values.only === undefined || values.only === name);
  if (compressions.length === 0) throw new RangeError('Cannot run bench: "--only" takes plain or gzip');

  const folder = mkdtempSync(join(tmpdir(), 'pillion-bench-'));
  try {
    const bench = prepare(folder, lines);
    const bareBytes = await measureBareNode(folder, runs);
    const rows: string[] = [];
    const verdicts: string[] = [];
    for (const compression of compressions) {
      await checkCounts(bench, compression);
      const pairs = await comparePairs(bench, compression, runs);
      const cpuRatio = median(pairs.map(({ agent, yardstick }) => agent.cpuMs / yardstick.cpuMs));
      const memoryRatio = median(pairs.map(({ agent }) => agent.peakBytes / bareBytes));
      rows.push(...report(bench, compression, pairs, bareBytes));
      verdicts.push(verdict(`${compression}: CPU seconds, agent to yardstick`, cpuRatio, CPU_BARS[compression]));
      verdicts.push(verdict(`${compression}: peak memory, agent to bare Node.js`, memoryRatio, MEMORY_BAR));
    }
    const machine = `Node.js ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown CPU'}`;
    print(`\n${(bench.size.bytes / 1e6).toFixed(1)} MB, ${runs} pairs, medians; every line arrived. ${machine}.`);
    print(`A bare Node.js process takes ${(bareBytes / 1e6).toFixed(0)} MB.\n`);
    print('                   CPU s a         lowest            peak     to a bare');
    print('                   million     to highest    MB/s    memory MB  Node.js');
    for (const line of [...rows, '', ...verdicts]) print(line);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
