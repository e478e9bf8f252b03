/**
 * `npm run bench-workers`: how many lines a second two worker threads deliver beside one thread. Both run as whole
 * processes, in turn, from start to drained exit, on files side by side, against a server that does as little as it can.
 * Lines a second are those between the first request and the last answer: what a start takes has a bar of its own. With
 * start and end is said, too. The logs are long, since V8 compiles what is hot for each thread: up to a CPU second more
 * for two workers, a few percent of twenty million lines and a fifth of two million. The server runs on the same cores as
 * the agent, and so does whatever else the machine does: what both took is said. What two processes with half of the files
 * each deliver (`--apart`) is the most that two threads could: they share nothing but the cores.
 *
 * All cases take half an hour, and 6 GB in the temporary folder.
 *
 *     npm run bench-workers -- [--lines 20000000] [--files 8] [--runs 5] [--workers 2] [--only plain|nginx|deciding]
 *                              [--apart]
 */
import { execFileSync } from 'node:child_process';
import { closeSync, globSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programOptions } from '../harness/program-options.ts';
import { generateAccessLog } from './generate-access-log.ts';
import { generateJsonLog } from './generate-json-log.ts';
import { median, NullServer, startMeasured, type Usage } from './measure.ts';
import type { Received } from './null-otlp-server.ts';

/** How much faster two workers must be. */
const BAR = 1.7;

const CASES = [
  { name: 'plain', generate: generateJsonLog },
  { name: 'nginx', generate: generateAccessLog },
  { name: 'deciding', generate: generateJsonLog },
] as const;

const ROOT = new URL('../../', import.meta.url);
const MAIN = fileURLToPath(new URL('dist/main.js', ROOT));
const CONFIG = { plain: 'workers-plain.yaml', nginx: 'workers-nginx.yaml', deciding: 'workers-deciding.yaml' };

/** What one run used. */
interface Run extends Usage {
  /** From the first request to the last answer. */
  readonly deliveryMs: number;
  readonly receiverCpuMs: number;
  /** What all else on the machine used meanwhile, as a share of its cores. */
  readonly othersShare: number;
}

/** A process to measure, and the server that it sends to. */
interface Part {
  readonly workers: number;
  /** Which files it reads, as a pattern. */
  readonly logs: string;
  readonly server: NullServer;
}

/** One run of one process or of several side by side. Throws when nothing came to a server. */
async function runTogether(parts: readonly Part[], folder: string, config: string): Promise<Run> {
  for (const { logs } of parts) warm(logs);
  const busyBefore = busyMs();
  const done = await Promise.all(parts.map((part) => runPart(part, folder, config)));
  const busy = busyMs() - busyBefore;
  const sum = (figure: (one: (typeof done)[number]) => number): number =>
    done.reduce((all, one) => all + figure(one), 0);
  const max = (figure: (one: (typeof done)[number]) => number): number => Math.max(...done.map(figure));
  const [cpuMs, receiverCpuMs, wallMs] = [
    sum(({ usage }) => usage.cpuMs),
    sum(({ received }) => received.cpuMs ?? 0),
    max(({ usage }) => usage.wallMs),
  ];
  return {
    cpuMs,
    wallMs,
    receiverCpuMs,
    peakBytes: sum(({ usage }) => usage.peakBytes),
    deliveryMs: max(({ received }) => received.lastMs ?? 0) + max(({ received }) => -(received.firstMs ?? 0)),
    othersShare: Math.max(0, (busy - cpuMs - receiverCpuMs) / wallMs / availableParallelism()),
  };
}

async function runPart(
  { workers, logs, server }: Part,
  folder: string,
  config: string,
): Promise<{ readonly usage: Usage; readonly received: Received }> {
  const { child, finished } = startMeasured([MAIN, 'run', '--config', config], {
    BENCH_STATE: mkdtempSync(join(folder, 'state-')),
    BENCH_LOGS: logs,
    BENCH_ENDPOINT: server.endpoint,
    BENCH_WORKERS: String(workers),
  });
  await Promise.race([server.firstRequest(), finished]);
  child.kill('SIGTERM');
  const usage = await finished;
  const received = await server.report();
  if (received.bytes === 0) throw new Error('Cannot measure: the server got nothing');
  return { usage, received };
}

/** Reads files, so that the system has them in memory, as it has what was written a moment ago. */
function warm(logs: string): void {
  const memory = Buffer.allocUnsafe(1024 * 1024);
  for (const path of globSync(logs)) {
    const file = openSync(path, 'r');
    while (readSync(file, memory) > 0);
    closeSync(file);
  }
}

/** How long the cores of the machine have been busy since it was started, together. */
function busyMs(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const values = programOptions(import.meta.filename, {
    lines: { type: 'string', default: '20000000' },
    files: { type: 'string', default: '8' },
    runs: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
    apart: { type: 'boolean', default: false },
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
      await using server = await NullServer.start({ bare: true });
      await using secondServer = await NullServer.start({ bare: true });
      const config = fileURLToPath(new URL(CONFIG[name], import.meta.url));
      const all = join(logs, '*.log');
      const alone: Run[] = [];
      const spread: Run[] = [];
      for (let run = 1; run <= runs!; run++) {
        print(`${name}, pair ${run} of ${runs}`);
        alone.push(await runTogether([{ workers: 1, logs: all, server }], folder, config));
        const parts = values.apart
          ? [
              { workers: 1, logs: join(logs, '*[02468].log'), server },
              { workers: 1, logs: join(logs, '*[13579].log'), server: secondServer },
            ]
          : [{ workers: workers!, logs: all, server }];
        spread.push(await runTogether(parts, folder, config));
      }
      const other = values.apart
        ? { label: 'two processes', runs: spread }
        : { label: `workers: ${workers}`, runs: spread, bar: BAR };
      report(name, lines!, [{ label: 'workers: 1', runs: alone }, other]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Runs of one kind. */
interface Kind {
  readonly label: string;
  readonly runs: readonly Run[];
  /** How much faster it must be; undefined: it is there to compare with. */
  readonly bar?: number | undefined;
}

function report(name: string, lines: number, kinds: readonly [Kind, Kind]): void {
  const millions = lines / 1e6;
  const cores = availableParallelism();
  for (const { label, runs } of kinds) {
    const of = (figure: (run: Run) => number): number => median(runs.map(figure));
    const rate = of(({ deliveryMs }) => lines / deliveryMs);
    const cpu = of(({ cpuMs }) => cpuMs / 1000 / millions);
    const receiver = of(({ receiverCpuMs }) => receiverCpuMs / 1000 / millions);
    const peak = of(({ peakBytes }) => peakBytes / 1e6);
    const others = of(({ othersShare }) => 100 * othersShare);
    print(
      `${name.padEnd(8)} ${label}   ${rate.toFixed(0)} lines/ms, ${cpu.toFixed(2)} CPU s a million` +
        ` (receiver ${receiver.toFixed(2)}, all else on the machine ${others.toFixed(0)} % of its cores),` +
        ` peak ${peak.toFixed(0)} MB`,
    );
  }
  const [alone, spread] = [kinds[0].runs, kinds[1].runs];
  const ratiosOf = (ms: (run: Run) => number, spreadMs = ms): number[] =>
    alone.map((run, pair) => ms(run) / spreadMs(spread[pair]!));
  const ratios = ratiosOf(({ deliveryMs }) => deliveryMs);
  const ratio = median(ratios);
  const whole = median(ratiosOf(({ wallMs }) => wallMs));
  const machine = `Node.js ${process.version}, ${cores} cores, ${cpus()[0]?.model ?? 'unknown CPU'}`;
  const verdict =
    kinds[1].bar === undefined ? '' : `   bar ${kinds[1].bar}   ${ratio >= kinds[1].bar ? 'met' : 'MISSED'}`;
  print(
    `${name.padEnd(8)} ${ratio.toFixed(2)} times as fast, ${whole.toFixed(2)} with start and end${verdict}   ${machine}`,
  );
  print(`${name.padEnd(8)} pairs ${ratios.map((one) => one.toFixed(2)).join(' ')}`);
  // Two workers have the cores busy all the time; one thread leaves one to the others.
  const undisturbed = median(
    ratiosOf(
      ({ deliveryMs }) => deliveryMs,
      ({ deliveryMs, receiverCpuMs, othersShare }) => deliveryMs * (1 - othersShare) - receiverCpuMs / cores,
    ),
  );
  const bound = median(alone.map(({ cpuMs }, run) => (cores * cpuMs) / spread[run]!.cpuMs));
  print(
    `${name.padEnd(8)} ${undisturbed.toFixed(2)} with the receiver and all else elsewhere, reckoned;` +
      ` ${bound.toFixed(2)} at most by the CPU seconds of the agent`,
  );
}

await main();
