import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PillionProcess } from '../../harness/agent-process.ts';
import type { Cleanup } from '../../harness/cleanup.ts';
import { Random } from '../../harness/random.ts';
import { SHOWN } from './collector-sink.ts';
import { COUNTING_STAGES, CountedLog } from './counted-log.ts';

const PROGRAM = fileURLToPath(new URL('counting-agent.ts', import.meta.url));

/** What is done to an agent that counts. */
export interface CrashPlan {
  readonly seed: number;
  readonly lines: number;
  readonly kills: number;
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
 * Has an agent count a log that is written and rotated meanwhile, kills it again and again, and looks at what it shows:
 * never less than before, never more than was written, and in the end exactly the truth.
 */
export async function crashWhileCounting(cleanup: Cleanup, plan: CrashPlan, folder: string): Promise<CrashReport> {
  const startMs = performance.now();
  const run = new CrashRun(cleanup, plan, folder);
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
    const maxDelayMs = this.#random.pick([0, 5, 100]);
    const config = {
      state: join(folder, 'state'),
      sources: { app: { type: 'file', include: [join(folder, 'logs/app.log*')], poll_interval: '20ms' } },
      pipelines: { count: { from: ['app'], stages: COUNTING_STAGES, to: ['shown'] } },
      sinks: { shown: { type: 'collector', max_delay_ms: maxDelayMs } },
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  }

  async start(): Promise<void> {
    this.#agent = new PillionProcess(this.#cleanup, ['pillion.yaml'], { cwd: this.#folder, program: PROGRAM });
    await this.#agent.logged(SHOWN);
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

  /** Waits until everything is counted, and compares. */
  async untilTrue(): Promise<void> {
    const { truth, lines } = this.#log;
    const endMs = performance.now() + 60_000;
    while (this.#countedLines() < lines && performance.now() < endMs) await this.#scrape();
    await this.#scrape();
    for (const series of new Set([...truth.keys(), ...this.#shown.keys()])) {
      if (series.includes('_created{')) continue;
      const [expected, actual] = [truth.get(series) ?? 0, this.#shown.get(series) ?? 0];
      if (expected !== actual) this.violations.push(`${series} is ${actual} of ${expected}`);
    }
  }

  #countedLines(): number {
    let lines = 0;
    for (const [series, value] of this.#shown) if (series.startsWith('lines{')) lines += value;
    return lines;
  }

  async #scrape(): Promise<void> {
    const address = this.#agent?.log.findLast(({ msg }) => msg === SHOWN)?.['address'];
    const text = await (await fetch(`http://${String(address)}/`)).text();
    this.scrapes++;
    const shown = new Map(
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => seriesIn(line)),
    );
    const { truth } = this.#log;
    for (const [series, before] of this.#shown) {
      const value = shown.get(series);
      if (value === undefined) this.violations.push(`${series} was ${before} and is not there any more`);
      else if (value < before) this.violations.push(`${series} went from ${before} down to ${value}`);
      else if (series.includes('_created{') && value !== before) this.violations.push(`${series} has a new start`);
    }
    for (const [series, value] of shown) {
      if (series.includes('_created{')) continue;
      const most = truth.get(series) ?? 0;
      if (value > most) this.violations.push(`${series} is ${value}, and ${most} were written`);
    }
    this.#shown = shown;
  }
}

function seriesIn(line: string): [string, number] {
  const at = line.lastIndexOf(' ');
  return [line.slice(0, at), Number(line.slice(at + 1))];
}
