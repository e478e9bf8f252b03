import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { HOT_LINES_FROM, LINE_BYTES, numberedLine } from './numbered-lines.ts';
import { Agent, type Check, CountingServer, say, writeLines } from './setting.ts';

const IDLE_FILES = 1000;
const IDLE_SECONDS = 20;
const IDLE_BAR_PERCENT = 1;
/** How long an agent gets until what it does at the start is over. */
const SETTLE_MS = 8000;

const MANY_FILES = 10_000;
const ACTIVE_FILES = 10;

const SLOW_FILES = 99;
const HOT_BYTES_PER_SECOND = 50e6;
const HOT_SECONDS = 6;
/** Two polls, the flush interval, and a second for a machine that has other things to do. */
const LATENCY_BAR_SECONDS = 2 * 0.25 + 1 + 1;

/** What many files cost, and what one that is written without pause costs the others. */
export async function manyFiles(folder: string): Promise<Check[]> {
  return [
    ...(await idle(join(folder, 'idle'))),
    ...(await many(join(folder, 'many'))),
    ...(await oneHot(join(folder, 'hot'))),
  ];
}

/** Writes one line into each of `count` files, numbered from `from` on. */
function writeOneEach(folder: string, count: number, from: number): void {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const nowMs = Date.now();
  for (let file = 0; file < count; file++) {
    appendFileSync(join(logs, `app-${file}.log`), numberedLine(from + file, nowMs));
  }
}

async function idle(folder: string): Promise<Check[]> {
  await using server = await CountingServer.start();
  writeOneEach(folder, IDLE_FILES, 1);
  const agent = new Agent(folder, server.port);
  const { lines } = await server.untilLines(IDLE_FILES, 30_000);
  await wait(SETTLE_MS);
  const percent = await cpuPercent(agent, IDLE_SECONDS);
  await agent.end('SIGTERM');
  return [
    { what: `${IDLE_FILES} idle files: lost`, value: IDLE_FILES - lines, bar: 0, unit: 'lines' },
    { what: `${IDLE_FILES} idle files: of a core`, value: percent, bar: IDLE_BAR_PERCENT, unit: '%' },
  ];
}

async function many(folder: string): Promise<Check[]> {
  await using server = await CountingServer.start();
  writeOneEach(folder, MANY_FILES, 1);
  const agent = new Agent(folder, server.port);
  await server.untilLines(MANY_FILES, 60_000);
  await wait(SETTLE_MS);
  writeOneEach(folder, ACTIVE_FILES, MANY_FILES + 1);
  const expected = MANY_FILES + ACTIVE_FILES;
  const { lines } = await server.untilLines(expected, 20_000);
  const percent = await cpuPercent(agent, IDLE_SECONDS / 2);
  const handles = agent.handles();
  say(`${MANY_FILES} files: ${percent.toFixed(2)} % of a core, ${(agent.memoryBytes() / 1e6).toFixed(0)} MB`);
  await agent.end('SIGTERM');
  return [
    { what: `${MANY_FILES} files: lost`, value: expected - lines, bar: 0, unit: 'lines' },
    { what: `${MANY_FILES} files: handles`, value: handles, bar: MANY_FILES - 1, unit: '' },
  ];
}

/** One file at 50 MB/s beside others with a line a second: the slow lines are what is counted. */
async function oneHot(folder: string): Promise<Check[]> {
  await using server = await CountingServer.start();
  writeOneEach(folder, SLOW_FILES, 1);
  const agent = new Agent(folder, server.port);
  await server.untilLines(SLOW_FILES, 30_000);
  await server.reset();
  const linesPerSecond = HOT_BYTES_PER_SECOND / LINE_BYTES;
  const hotLines = Math.floor(linesPerSecond * HOT_SECONDS);
  const options = { path: join(folder, 'logs/hot.log'), from: HOT_LINES_FROM, lines: hotLines, linesPerFile: 0 };
  let isWriting = true;
  const hot = writeLines({ ...options, linesPerSecond }).finally(() => {
    isWriting = false;
  });
  let slowLines = 0;
  while (isWriting) {
    writeOneEach(folder, SLOW_FILES, SLOW_FILES + 1 + slowLines);
    slowLines += SLOW_FILES;
    await wait(1000);
  }
  await hot;
  const expected = slowLines + hotLines;
  const { lines, latencyMs } = await server.untilLines(expected, 60_000);
  await agent.end('SIGTERM');
  say(`hot file: ${hotLines} lines beside ${slowLines} in ${SLOW_FILES} others`);
  return [
    { what: 'one hot file: lost', value: expected - lines, bar: 0, unit: 'lines' },
    { what: 'one hot file: slowest line of another', value: latencyMs / 1000, bar: LATENCY_BAR_SECONDS, unit: 's' },
  ];
}

async function cpuPercent(agent: Agent, seconds: number): Promise<number> {
  const before = agent.cpuMs();
  await wait(1000 * seconds);
  return (agent.cpuMs() - before) / 10 / seconds;
}
