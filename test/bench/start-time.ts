/**
 * What the agent costs before it does anything, beside a bare Node.js process: from its start to its first delivery,
 * and the memory it keeps while nothing is written. The bundle is measured: `npm run build` first. Linux only.
 *
 *     node test/bench/start-time.ts [--runs 10] [--idle 3]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { programOptions } from '../harness/program-options.ts';
import { type MeasuredProcess, median, NullServer, startMeasured } from './measure.ts';

/** The bars of the design. */
const START_BAR_MS = 150;
const IDLE_BAR = 1.4;

const AGENT = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const CONFIG = fileURLToPath(new URL('agent.yaml', import.meta.url));

interface Figures {
  /** From the start of the process to its first sign of life. */
  readonly startMs: number;
  /** Resident memory when it has been idle for a while. */
  readonly idleBytes: number;
  readonly cpuMs: number;
}

/** Starts an agent with one line to deliver; the first request is its sign of life. */
async function measureAgent(folder: string, server: NullServer, idleMs: number): Promise<Figures> {
  const log = join(folder, 'app.log');
  writeFileSync(log, '{"time":"2026-01-02T03:04:05.678Z","level":"info","msg":"ready"}\n');
  const startMs = performance.now();
  const agent = startMeasured([AGENT, 'run', '--config', CONFIG], {
    BENCH_STATE: mkdtempSync(join(folder, 'state-')),
    BENCH_LOG: log,
    BENCH_ENDPOINT: server.endpoint,
    BENCH_COMPRESSION: 'none',
    BENCH_FLUSH: '1ms',
  });
  await Promise.race([server.firstRequest(), agent.finished]);
  const figures = await settle(agent, performance.now() - startMs, idleMs);
  await server.report();
  return figures;
}

/** Starts a program that waits for SIGTERM and does nothing else; its first output is its sign of life. */
async function measureBareNode(folder: string, idleMs: number): Promise<Figures> {
  const program = join(folder, 'bare.cjs');
  writeFileSync(
    program,
    "process.once('SIGTERM', () => clearInterval(t)); const t = setInterval(() => {}, 1e6); console.log();",
  );
  const startMs = performance.now();
  const node = startMeasured([program]);
  await new Promise((resolve) => node.child.stdout?.once('data', resolve));
  return settle(node, performance.now() - startMs, idleMs);
}

async function settle({ child, finished }: MeasuredProcess, startMs: number, idleMs: number): Promise<Figures> {
  await wait(idleMs);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const idleBytes = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
  child.kill('SIGTERM');
  const { cpuMs } = await finished;
  return { startMs, idleBytes, cpuMs };
}

function row(name: string, all: readonly Figures[]): string {
  const start = median(all.map(({ startMs }) => startMs)).toFixed(0);
  const idle = (median(all.map(({ idleBytes }) => idleBytes)) / 1e6).toFixed(1);
  const cpu = median(all.map(({ cpuMs }) => cpuMs)).toFixed(0);
  return `${name.padEnd(14)} ${start.padStart(8)} ${idle.padStart(9)} ${cpu.padStart(9)}\n`;
}

async function main(): Promise<void> {
  const values = programOptions(import.meta.filename, {
    runs: { type: 'string', default: '10' },
    idle: { type: 'string', default: '3' },
  });
  const folder = mkdtempSync(join(tmpdir(), 'pillion-start-'));
  const agents: Figures[] = [];
  const bares: Figures[] = [];
  try {
    await using server = await NullServer.start({ decode: false });
    for (let run = 0; run < Number(values.runs); run++) {
      bares.push(await measureBareNode(folder, Number(values.idle) * 1000));
      agents.push(await measureAgent(folder, server, Number(values.idle) * 1000));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const startMs = median(agents.map((figures) => figures.startMs));
  const memoryRatio = median(agents.map(({ idleBytes }, run) => idleBytes / bares[run]!.idleBytes));
  process.stdout.write('               start ms   idle MB    CPU ms\n');
  process.stdout.write(row('bare Node.js', bares) + row('agent', agents));
  process.stdout.write(`start to first delivery: ${startMs.toFixed(0)} ms, bar ${START_BAR_MS} ms\n`);
  process.stdout.write(`idle memory to a bare Node.js: ${memoryRatio.toFixed(2)}, bar ${IDLE_BAR}\n`);
}

await main();
