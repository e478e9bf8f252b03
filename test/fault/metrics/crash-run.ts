import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PillionProcess } from '../../harness/agent-process.ts';
import type { Cleanup } from '../../harness/cleanup.ts';
import { until } from '../../harness/files.ts';
import { Random } from '../../harness/random.ts';
import { COUNTING_STAGES, CountedLog } from './counted-log.ts';
import { startLateBackend } from './late-backend.ts';

/** What the log says when `url` is known. */
const SHOWN = 'Metrics can be scraped.';
/** A machine may have much else to do. */
const START_TIMEOUT_MS = 60_000;
const PATIENCE_MS = 30_000;
/** This program writes for seconds without looking at its sockets: a connection that is used again may be closed by then. */
const HEADERS = { accept: 'application/openmetrics-text; version=1.0.0', connection: 'close' };

/** What is done to an agent that counts. */
export interface CrashPlan {
  readonly seed: number;
  readonly lines: number;
  readonly kills: number;
  /** Another program than the sources. */
  readonly program?: string | undefined;
}

/** What became of it. */
export interface CrashReport {
  readonly plan: CrashPlan;
  readonly seconds: number;
  readonly scrapes: number;
  readonly rotations: number;
  /** How many lines were shown as counted when the agent was killed, each time. */
  readonly killedAt: readonly number[];
  /** What must not have happened, a sentence each. */
  readonly violations: readonly string[];
}

/**
 * Has an agent count a log that is written and rotated meanwhile, kills it again and again, and scrapes it: never less
 * than before, never more than was written, no new start times, and in the end exactly the truth. Of every second seed a
 * backend that answers late and in any order gets the records, too, and what is counted waits for it.
 */
export async function crashWhileCounting(cleanup: Cleanup, plan: CrashPlan, folder: string): Promise<CrashReport> {
  const startMs = performance.now();
  const run = new CrashRun(cleanup, plan, folder);
  await run.prepare();
  await run.start();
  const killedAt: number[] = [];
  for (let kill = 1; kill <= plan.kills; kill++) {
    await run.progress((kill / (plan.kills + 1)) * plan.lines);
    killedAt.push(await run.kill());
  }
  await run.progress(plan.lines);
  await run.untilTrue();
  await run.restart();
  await run.untilTrue();
  await run.end();
  const { scrapes, rotations, violations } = run;
  return { plan, seconds: (performance.now() - startMs) / 1000, scrapes, rotations, killedAt, violations };
}

class CrashRun {
  scrapes = 0;
  rotations = 0;
  readonly violations: string[] = [];
  readonly #cleanup: Cleanup;
  readonly #plan: CrashPlan;
  readonly #folder: string;
  readonly #random: Random;
  readonly #log: CountedLog;
  #agent: PillionProcess | undefined;
  #shown = new Map<string, number>();

  constructor(cleanup: Cleanup, plan: CrashPlan, folder: string) {
    this.#cleanup = cleanup;
    this.#plan = plan;
    this.#folder = folder;
    this.#random = new Random(plan.seed);
    this.#log = new CountedLog(folder, this.#random);
  }

  /** Writes the configuration: of every second seed, what is counted waits for a backend, too. */
  async prepare(): Promise<void> {
    const folder = this.#folder;
    const isShared = this.#plan.seed % 2 === 0;
    const scrape = { listen: '127.0.0.1:0', target_labels: false, target_info: false, created_lines: true };
    const sinks = { scrape: { type: 'prometheus', ...scrape } };
    const retry = { initial_interval: '10ms', max_interval: '50ms' };
    const backend = {
      type: 'otlp',
      endpoint: await startLateBackend(this.#cleanup, new Random(this.#plan.seed), this.#random.pick([10, 100, 300])),
      max_request_records: 500,
      flush_interval: '20ms',
      retry,
    };
    const include = [join(folder, 'logs/app.log*')];
    const to = isShared ? ['scrape', 'backend'] : ['scrape'];
    const config = {
      state: join(folder, 'state'),
      sources: { app: { type: 'file', include, poll_interval: '20ms', readers: 'shared' } },
      pipelines: { count: { from: ['app'], stages: COUNTING_STAGES, to } },
      sinks: isShared ? { ...sinks, backend } : sinks,
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  }

  async start(): Promise<void> {
    const { program } = this.#plan;
    const options = { cwd: this.#folder, ...(program === undefined ? {} : { program }) };
    const agent = new PillionProcess(this.#cleanup, ['run', '--config', 'pillion.yaml'], options);
    this.#agent = agent;
    const isThere = (): boolean => agent.hasEnded || agent.log.some(({ msg }) => msg === SHOWN);
    await until('metrics can be scraped', isThere, START_TIMEOUT_MS);
  }

  /** Writes lines up to `lines`, in portions, and looks at the agent in between; at last until it has counted some more. */
  async progress(lines: number): Promise<void> {
    const portion = Math.max(1, Math.ceil(this.#plan.lines / 200));
    const before = this.#countedLines();
    while (this.#log.lines < lines) {
      this.#log.write(Math.min(this.#random.between(1, portion), Math.ceil(lines) - this.#log.lines));
      if (this.#random.between(1, 20) === 1) {
        this.#log.rotate();
        this.rotations++;
      }
      if (this.#random.between(1, 5) === 1) await this.#scrape();
    }
    while (this.#countedLines() <= before) await this.#scrape();
    // Not always right after a checkpoint.
    await wait(this.#random.between(0, 700));
  }

  /** Kills the agent and starts the next one; returns how many lines it had shown as counted. */
  async kill(): Promise<number> {
    await this.#scrape();
    const counted = this.#countedLines();
    await this.#agent?.end('SIGKILL');
    await this.start();
    return counted;
  }

  async restart(): Promise<void> {
    await this.end();
    await this.start();
  }

  /** Asks the agent to end, which it must do well. */
  async end(): Promise<void> {
    const exit = await this.#agent?.end('SIGTERM');
    if (exit !== 0) this.violations.push(`it ended with ${exit}: ${this.#agent?.stderr}`);
  }

  /** Waits until everything is counted, or nothing has been for a while, and compares. */
  async untilTrue(): Promise<void> {
    const { truth, lines } = this.#log;
    let counted = -1;
    for (let endMs = 0; counted < lines && (endMs === 0 || performance.now() < endMs); await wait(20)) {
      await this.#scrape();
      if (this.#countedLines() > counted) endMs = performance.now() + PATIENCE_MS;
      counted = this.#countedLines();
    }
    for (const series of new Set([...truth.keys(), ...this.#shown.keys()])) {
      if (isStart(series)) continue;
      const [expected, actual] = [truth.get(series) ?? 0, this.#shown.get(series) ?? 0];
      if (expected !== actual) this.violations.push(`${series} is ${actual} of ${expected}`);
    }
  }

  #countedLines(): number {
    let lines = 0;
    for (const [series, value] of this.#shown) if (series.startsWith('lines_total{')) lines += value;
    return lines;
  }

  async #ask(): Promise<string> {
    const agent = this.#agent;
    const url = agent?.log.findLast(({ msg }) => msg === SHOWN)?.['url'];
    try {
      return await (await fetch(String(url), { headers: HEADERS })).text();
    } catch (error) {
      const state = agent?.hasEnded === true ? 'it has ended by itself' : 'it runs';
      throw new Error(`Cannot scrape the agent: ${state}\n${agent?.stderr.slice(-2000) ?? ''}`, { cause: error });
    }
  }

  async #scrape(): Promise<void> {
    const text = await this.#ask();
    this.scrapes++;
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const shown = new Map(lines.map((line) => seriesIn(line)));
    const { truth } = this.#log;
    for (const [series, before] of this.#shown) {
      const value = shown.get(series);
      if (value === undefined) this.violations.push(`${series} was ${before} and is not there any more`);
      else if (value < before) this.violations.push(`${series} went from ${before} down to ${value}`);
      else if (isStart(series) && value !== before) this.violations.push(`${series} has a new start`);
    }
    for (const [series, value] of shown) {
      if (isStart(series)) continue;
      const most = truth.get(series) ?? 0;
      if (value > most) this.violations.push(`${series} is ${value}, and ${most} were written`);
    }
    this.#shown = shown;
  }
}

/** Name and labels in their order, and the value, of a line of OpenMetrics without an exemplar. */
function seriesIn(line: string): [string, number] {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  return [`${name}{${labels.split(',').sort().join(',')}}`, Number(value)];
}

function isStart(series: string): boolean {
  return series.includes('_created{');
}
