/**
 * `npm run bench-workers`: how many lines a second two worker threads deliver beside one thread. Both run as whole
 * processes, in turn, from start to drained exit, on files side by side, against a server that does as little as it can.
 * That runs on the same cores as the agent, and so does whatever else the machine does: what both took is said, too.
 *
 *     npm run bench-workers -- [--lines 10000000] [--files 8] [--runs 5] [--workers 2] [--only plain|nginx]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programOptions } from '../harness/program-options.ts';
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

/** What one run used. */
interface Run extends Usage {
  readonly receiverCpuMs: number;
  /** What all else on the machine used meanwhile, as a share of its cores. */
  readonly othersShare: number;
}

/** One run with that many workers. Throws when nothing came to the server. */
async function runWith(workers: number, logs: string, name: keyof typeof CONFIG, server: NullServer): Promise<Run> {
  const busyBefore = busyMs();
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
  const { bytes, cpuMs: receiverCpuMs = 0 } = await server.report();
  if (bytes === 0) throw new Error('Cannot measure: the server got nothing');
  const othersMs = busyMs() - busyBefore - usage.cpuMs - receiverCpuMs;
  return { ...usage, receiverCpuMs, othersShare: Math.max(0, othersMs / usage.wallMs / availableParallelism()) };
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
    lines: { type: 'string', default: '10000000' },
    files: { type: 'string', default: '8' },
    runs: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
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
      const alone: Run[] = [];
      const spread: Run[] = [];
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

function report(name: string, lines: number, usages: Readonly<Record<number, readonly Run[]>>): void {
  const millions = lines / 1e6;
  const cores = availableParallelism();
  for (const [workers, runs] of Object.entries(usages)) {
    const of = (figure: (run: Run) => number): number => median(runs.map(figure));
    const rate = of(({ wallMs }) => lines / wallMs);
    const cpu = of(({ cpuMs }) => cpuMs / 1000 / millions);
    const receiver = of(({ receiverCpuMs }) => receiverCpuMs / 1000 / millions);
    const peak = of(({ peakBytes }) => peakBytes / 1e6);
    const others = of(({ othersShare }) => 100 * othersShare);
    print(
      `${name.padEnd(6)} workers: ${workers}   ${rate.toFixed(0)} lines/ms, ${cpu.toFixed(2)} CPU s a million` +
        ` (receiver ${receiver.toFixed(2)}, all else on the machine ${others.toFixed(0)} % of its cores),` +
        ` peak ${peak.toFixed(0)} MB`,
    );
  }
  const [alone, spread] = Object.values(usages) as [readonly Run[], readonly Run[]];
  const ratioOf = (spreadMs: (run: Run) => number): number =>
    median(alone.map(({ wallMs }, run) => wallMs / spreadMs(spread[run]!)));
  const ratio = ratioOf(({ wallMs }) => wallMs);
  const machine = `Node.js ${process.version}, ${cores} cores, ${cpus()[0]?.model ?? 'unknown CPU'}`;
  print(
    `${name.padEnd(6)} ${ratio.toFixed(2)} times as fast   bar ${BAR}   ${ratio >= BAR ? 'met' : 'MISSED'}   ${machine}`,
  );
  // Two workers have the cores busy all the time; one thread leaves one to the others.
  const undisturbed = ratioOf(
    ({ wallMs, receiverCpuMs, othersShare }) => wallMs - receiverCpuMs / cores - othersShare * wallMs,
  );
  const bound = median(alone.map(({ cpuMs }, run) => (cores * cpuMs) / spread[run]!.cpuMs));
  print(
    `${name.padEnd(6)} ${undisturbed.toFixed(2)} with the receiver and all else elsewhere, reckoned;` +
      ` ${bound.toFixed(2)} at most by the CPU seconds of the agent`,
  );
}

await main();
