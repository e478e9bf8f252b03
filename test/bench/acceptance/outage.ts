import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { LINE_BYTES } from './numbered-lines.ts';
import { Agent, type Check, CountingServer, say, writeLines } from './setting.ts';

const PIECE_BYTES = 200e6;
const WARM_UP_LINES = 200_000;
const SAMPLE_MS = 200;
/** Of what it took before. */
const GROWTH_BAR = 0.1;
/** Two requests of the most records for each that may be in flight: what is sent until all know that the peer is back. */
const STEP_BACK_BAR = 2 * 3 * 10_000;
/** What is in flight when the backend goes away. */
const REPEATS_BAR = 3 * 10_000;
const RECOVERY_MS = 300_000;

/** The backend is away while so many bytes are written, in files of 200 MB. */
export async function outage(folder: string, bytes: number): Promise<Check[]> {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < 2 * bytes) throw new Error(`Cannot write ${bytes} bytes: the disk has too little room for them`);
  await using server = await CountingServer.start();
  const agent = new Agent(folder, server.port);
  await agent.started();
  const path = join(folder, 'logs/app.log');
  const linesPerFile = Math.floor(PIECE_BYTES / LINE_BYTES);
  const lines = Math.floor(bytes / LINE_BYTES);
  const fast = { path, linesPerSecond: 0, linesPerFile };
  await writeLines({ ...fast, from: 1, lines: WARM_UP_LINES });
  await server.untilLines(WARM_UP_LINES, RECOVERY_MS);
  const memory = new MemorySamples(agent);

  await server.goAway();
  await memory.during(writeLines({ ...fast, from: WARM_UP_LINES + 1, lines }).then(() => wait(2000)));
  const away = memory.take();
  say(`away: memory ${megabytes(away.first)} to ${megabytes(away.most)} MB, ${agent.handles()} handles`);
  await server.comeBack();
  const startMs = performance.now();
  const arrived = await memory.during(server.untilLines(WARM_UP_LINES + lines, RECOVERY_MS));
  const seconds = (performance.now() - startMs) / 1000;
  const back = memory.take();
  say(`back: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, memory up to ${megabytes(back.most)} MB`);
  const exit = await agent.end('SIGTERM');
  say(`exit ${exit}`);
  if (exit !== 0) say(agent.log);
  const { records } = await server.report();
  const title = `outage of ${(bytes / 1e9).toFixed(1)} GB`;
  return [
    { what: `${title}: lost`, value: WARM_UP_LINES + lines - arrived.lines, bar: 0, unit: 'lines' },
    { what: `${title}: repeats`, value: records - arrived.lines, bar: REPEATS_BAR, unit: 'lines' },
    { what: `${title}: memory grows while away by`, value: away.most / away.first - 1, bar: GROWTH_BAR, unit: '' },
    { what: `${title}: a line comes behind newer ones by`, value: arrived.stepBack, bar: STEP_BACK_BAR, unit: 'lines' },
  ];
}

/** What an agent takes, looked at again and again. */
class MemorySamples {
  readonly #agent: Agent;
  #samples: number[] = [];

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Looks until `work` is done. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    const timer = setInterval(() => this.#samples.push(this.#agent.memoryBytes()), SAMPLE_MS);
    this.#samples.push(this.#agent.memoryBytes());
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }

  /** The first and the largest sample since the last call, in bytes. */
  take(): { readonly first: number; readonly most: number } {
    const samples = this.#samples;
    this.#samples = [];
    return { first: samples[0] ?? 0, most: Math.max(...samples) };
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
