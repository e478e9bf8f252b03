/**
 * `npm run bench`: what the agent costs, beside the yardstick that does the same work with an object a record; in the
 * case `deciding`, beside itself without the stages that are measured. Both run as whole processes, in turn, from start
 * to drained exit, against a server that only counts.
 *
 * The logs are long, so that a process has work for ten seconds and more: agents run for days, and their start, and the
 * time until V8 has compiled what is hot, are no part of what a line costs. `--lines 1000000` shows what a short run does.
 * All cases take half an hour, and 2 GB in the temporary folder.
 *
 *     npm run bench -- [--lines 6000000] [--runs 5] [--only plain|gzip|cri|nginx|deciding]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { programOptions } from '../harness/program-options.ts';
import { generateAccessLog } from './generate-access-log.ts';
import { generateCriLog, generateJsonLog } from './generate-json-log.ts';
import { median, NullServer, startMeasured, type Usage } from './measure.ts';
import type { GeneratedLog } from './write-log.ts';

/** Its peak memory against a bare Node.js. */
const MEMORY_BAR = 2.2;

/** The defaults of the OTLP sink, which the yardstick gets too. */
const REQUEST_BYTES = 2 * 1024 * 1024;
const REQUESTS_IN_FLIGHT = 3;

/** What is measured. */
interface BenchCase {
  readonly name: string;
  readonly generate: (path: string, lines: number) => GeneratedLog;
  /** The agent's configuration, beside this file. */
  readonly config: string;
  readonly compression: 'none' | 'gzip';
  /** The yardstick's word for what the lines are; or the configuration of the agent that takes its place. */
  readonly yardstick: { readonly format: string } | { readonly config: string };
  /** The most that the agent's CPU seconds may be of the yardstick's. */
  readonly cpuBar: number;
}

const CASES: readonly BenchCase[] = [
  {
    name: 'plain',
    generate: generateJsonLog,
    config: 'agent.yaml',
    compression: 'none',
    yardstick: { format: 'json' },
    cpuBar: 0.5,
  },
  {
    name: 'gzip',
    generate: generateJsonLog,
    config: 'agent.yaml',
    compression: 'gzip',
    yardstick: { format: 'json' },
    cpuBar: 0.7,
  },
  {
    name: 'cri',
    generate: generateCriLog,
    config: 'agent.yaml',
    compression: 'none',
    yardstick: { format: 'cri' },
    cpuBar: 0.5,
  },
  {
    name: 'nginx',
    generate: generateAccessLog,
    config: 'nginx.yaml',
    compression: 'none',
    yardstick: { format: 'nginx' },
    cpuBar: 0.5,
  },
  {
    name: 'deciding',
    generate: generateJsonLog,
    config: 'deciding.yaml',
    compression: 'none',
    yardstick: { config: 'agent.yaml' },
    cpuBar: 1.6,
  },
];

const ROOT = new URL('../../', import.meta.url);

/** What is compared, in a temporary folder of its own. */
interface Bench {
  readonly case: BenchCase;
  readonly folder: string;
  readonly log: string;
  readonly size: GeneratedLog;
  readonly yardstick: string;
}

function buildYardstick(folder: string): string {
  const yardstick = join(folder, 'yardstick.mjs');
  const source = readFileSync(new URL('yardstick.ts', import.meta.url), 'utf8');
  // Not as TypeScript: loading that would cost the yardstick what the bundled agent does not pay.
  writeFileSync(yardstick, transformSync(source, { loader: 'ts', format: 'esm', target: 'node24' }).code);
  return yardstick;
}

async function runYardstick(bench: Bench, server: NullServer): Promise<Usage> {
  const { yardstick, compression } = bench.case;
  if ('config' in yardstick) return runConfig(bench, server, yardstick.config);
  const limits = [String(REQUEST_BYTES), String(REQUESTS_IN_FLIGHT)];
  const args = [bench.yardstick, bench.log, `${server.endpoint}/v1/logs`, compression, ...limits, yardstick.format];
  return startMeasured(args).finished;
}

async function runAgent(bench: Bench, server: NullServer): Promise<Usage> {
  return runConfig(bench, server, bench.case.config);
}

/** Runs the agent with a state folder of its own, and asks it to drain as soon as it sends. */
async function runConfig(bench: Bench, server: NullServer, config: string): Promise<Usage> {
  const args = [
    fileURLToPath(new URL('dist/main.js', ROOT)),
    'run',
    '--config',
    fileURLToPath(new URL(config, import.meta.url)),
  ];
  const { child, finished } = startMeasured(args, {
    BENCH_STATE: mkdtempSync(join(bench.folder, 'state-')),
    BENCH_LOG: bench.log,
    BENCH_ENDPOINT: server.endpoint,
    BENCH_COMPRESSION: bench.case.compression,
  });
  await Promise.race([server.firstRequest(), finished]);
  child.kill('SIGTERM');
  return finished;
}

/** Runs both once against a server that decodes. Throws when a line is missing; warms the page cache, too. */
async function checkCounts(bench: Bench): Promise<void> {
  await using server = await NullServer.start({ decode: true });
  for (const [name, run] of Object.entries({ yardstick: runYardstick, agent: runAgent })) {
    await run(bench, server);
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

async function comparePairs(bench: Bench, runs: number): Promise<Pair[]> {
  await using server = await NullServer.start({ decode: false });
  const pairs: Pair[] = [];
  for (let run = 1; run <= runs; run++) {
    print(`${bench.case.name}, pair ${run} of ${runs}`);
    const yardstick = await runYardstick(bench, server);
    await server.report();
    const agent = await runAgent(bench, server);
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

function report(bench: Bench, pairs: readonly Pair[], bareBytes: number): string[] {
  const millions = bench.size.lines / 1e6;
  const row = (name: string, usages: readonly Usage[]): string => {
    const cpu = usages.map(({ cpuMs }) => cpuMs / 1000 / millions);
    const range = `${Math.min(...cpu).toFixed(2)} to ${Math.max(...cpu).toFixed(2)}`;
    const speed = median(usages.map(({ wallMs }) => bench.size.bytes / 1e3 / wallMs));
    const peak = median(usages.map(({ peakBytes }) => peakBytes));
    const wallSeconds = median(usages.map(({ wallMs }) => wallMs / 1000));
    return [
      bench.case.name.padEnd(8),
      name.padEnd(10),
      median(cpu).toFixed(2).padStart(9),
      range.padStart(15),
      wallSeconds.toFixed(1).padStart(8),
      speed.toFixed(0).padStart(7),
      (peak / 1e6).toFixed(0).padStart(9),
      (peak / bareBytes).toFixed(2).padStart(13),
    ].join(' ');
  };
  return [
    row(
      'config' in bench.case.yardstick ? 'without' : 'yardstick',
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
  const values = programOptions(import.meta.filename, {
    lines: { type: 'string', default: '6000000' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
  });
  const [lines, runs] = [Number(values.lines), Number(values.runs)];
  if (!(Number.isInteger(lines) && lines > 0 && Number.isInteger(runs) && runs > 0)) {
    throw new RangeError('Cannot run bench: "--lines" and "--runs" take whole numbers above 0');
  }
  const cases = CASES.filter(({ name }) => values.only === undefined || values.only === name);
  if (cases.length === 0) {
    throw new RangeError(`Cannot run bench: "--only" takes one of ${CASES.map(({ name }) => name).join(', ')}`);
  }

  const folder = mkdtempSync(join(tmpdir(), 'pillion-bench-'));
  try {
    print(`Building the agent. Logs have ${lines.toLocaleString('en')} lines.`);
    const build = fileURLToPath(new URL('tools/build.ts', ROOT));
    execFileSync(process.execPath, [build], { stdio: ['ignore', 'ignore', 2] });
    const yardstick = buildYardstick(folder);
    const bareBytes = await measureBareNode(folder, runs);
    const rows: string[] = [];
    const verdicts: string[] = [];
    for (const one of cases) {
      const log = join(folder, 'app.log');
      const bench = { case: one, folder, log, size: one.generate(log, lines), yardstick };
      await checkCounts(bench);
      const pairs = await comparePairs(bench, runs);
      const cpuRatio = median(pairs.map(({ agent, yardstick }) => agent.cpuMs / yardstick.cpuMs));
      const memoryRatio = median(pairs.map(({ agent }) => agent.peakBytes / bareBytes));
      rows.push(...report(bench, pairs, bareBytes));
      const other = 'config' in one.yardstick ? 'agent without' : 'yardstick';
      verdicts.push(verdict(`${one.name}: CPU seconds, agent to ${other}`, cpuRatio, one.cpuBar));
      verdicts.push(verdict(`${one.name}: peak memory, agent to bare Node.js`, memoryRatio, MEMORY_BAR));
    }
    const machine = `Node.js ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown CPU'}`;
    print(`\n${runs} pairs of ${lines.toLocaleString('en')} lines, medians; every line arrived. ${machine}.`);
    print(`A bare Node.js process takes ${(bareBytes / 1e6).toFixed(0)} MB.\n`);
    print('                     CPU s a         lowest  seconds             peak     to a bare');
    print('                     million     to highest    a run    MB/s    memory MB  Node.js');
    for (const line of [...rows, '', ...verdicts]) print(line);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
