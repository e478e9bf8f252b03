import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, type Check, CountingServer, say, writeLines } from './setting.ts';

const ROTATIONS = 10;
const LINES_PER_FILE = 20_000;
const LINES = ROTATIONS * LINES_PER_FILE;
const LINES_PER_SECOND = 40_000;
/** When it is killed, after the first line. */
const KILLS_MS = [1700, 3300];

/** Ten rotations by rename of 20,000 lines, at 40,000 lines a second, into an empty folder: first in peace, then with kills. */
export async function rotation(folder: string): Promise<Check[]> {
  return [...(await rotate(join(folder, 'peace'), [])), ...(await rotate(join(folder, 'kills'), KILLS_MS))];
}

async function rotate(folder: string, killsMs: readonly number[]): Promise<Check[]> {
  const title = `${ROTATIONS} rotations, ${killsMs.length} kills`;
  await using server = await CountingServer.start();
  let agent = new Agent(folder, server.port);
  await agent.started();
  const path = join(folder, 'logs/app.log');
  const startMs = performance.now();
  const options = { path, from: 1, lines: LINES, linesPerSecond: LINES_PER_SECOND, linesPerFile: LINES_PER_FILE };
  const written = writeLines(options);
  const repeatsBefore: number[] = [];
  for (const atMs of killsMs) {
    await wait(startMs + atMs - performance.now());
    await agent.end('SIGKILL');
    const { records, lines } = await server.report();
    repeatsBefore.push(records - lines);
    agent = new Agent(folder, server.port);
  }
  await written;
  await agent.started();
  const { lines } = await server.untilLines(LINES, 20_000);
  const exit = await agent.end('SIGTERM');
  const { records, foreign, stepBack } = await server.report();
  say(`${title}: ${lines} of ${LINES} lines arrived, ${records} records, ${foreign} of them no line; exit ${exit}`);
  if (lines < LINES) say(agent.log);
  const repeats = [...repeatsBefore, records - lines];
  return [
    { what: `${title}: lost`, value: LINES - lines, bar: 0, unit: 'lines' },
    { what: `${title}: invented`, value: foreign, bar: 0, unit: 'lines' },
    { what: `${title}: repeats before any kill`, value: repeats[0]!, bar: 0, unit: 'lines' },
    ...killsMs.map((_, kill) => ({
      what: `${title}: repeats of kill ${kill + 1}`,
      value: repeats[kill + 1]! - repeats[kill]!,
      bar: LINES_PER_SECOND / 2,
      unit: 'lines',
    })),
    { what: `${title}: a line comes behind its successors by`, value: stepBack, bar: 3 * 10_000, unit: 'lines' },
  ];
}
