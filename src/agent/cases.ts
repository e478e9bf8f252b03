import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { unmarkedUtf8 } from '../framing/byte-order-mark.ts';
import { fromLine, type RecordFields, toLine } from './record-fields.ts';
import { type TraceOptions, traceInput } from './trace-input.ts';

const INPUT = '.log';
const EXPECTED = '.expected.jsonl';
const DROPPED = 'dropped';
const COUNTS = 'counts';

/** In the place of what is expected and cannot be read: it differs from every record. */
const UNREADABLE: RecordFields = new Map();

/** When the lines of cases are read: what a year that a line leaves out is taken from. */
export const CASE_UNIX_MS = Date.UTC(2026, 0, 15, 12);

/** A case: an input, and beside it what must become of it, a JSON object for each record in its order. */
export interface Case {
  readonly name: string;
  readonly inputFile: string;
  readonly expectedFile: string;
}

/** How a record differs: what was expected, and what came; undefined: nothing. */
export interface Difference {
  /** Which record of the case, from 1 on. */
  readonly number: number;
  readonly expected: RecordFields | undefined;
  readonly actual: RecordFields | undefined;
}

/** The cases of a folder, by their names: `name.log` with `name.expected.jsonl`. */
export function findCases(folder: string): Case[] {
  const entries = globSync(`**/*${INPUT}`, { cwd: folder, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const inputs = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort();
  return inputs.map((input) => {
    const name = input.slice(0, -INPUT.length);
    return { name, inputFile: join(folder, input), expectedFile: join(folder, `${name}${EXPECTED}`) };
  });
}

/**
 * Runs a case and compares. Throws an OperatorError when the lines, or what is expected, cannot be read. With
 * `isUpdating` what is expected may be anything: it is written anew where it differs.
 */
export async function runCase(
  { inputFile, expectedFile }: Case,
  options: Omit<TraceOptions, 'stream'>,
  isUpdating = false,
): Promise<{ readonly actual: readonly RecordFields[]; readonly differences: Difference[] }> {
  const input = await readFile(inputFile).catch((cause) => unusable('read', inputFile, cause));
  const actual = outcomes(unmarkedUtf8(input), { ...options, stream: inputFile });
  const expected = await readExpected(expectedFile).catch((error: unknown) => {
    if (isUpdating) return [UNREADABLE];
    throw error;
  });
  const differences: Difference[] = [];
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    if (isSame(expected[i], actual[i])) continue;
    differences.push({ number: i + 1, expected: expected[i], actual: actual[i] });
  }
  return { actual, differences };
}

/** Writes what came as what is expected from now on. Throws an OperatorError when it cannot. */
export async function updateCase({ expectedFile }: Case, actual: readonly RecordFields[]): Promise<void> {
  const lines = actual.map((fields) => `${toLine(fields)}\n`).join('');
  await writeFile(expectedFile, lines).catch((cause) => unusable('write', expectedFile, cause));
}

function unusable(what: 'read' | 'write', file: string, cause: unknown): never {
  const message = `Cannot ${what} ${JSON.stringify(file)}: ${messageOf(cause)}`;
  throw new OperatorError({ code: 'ERR_USAGE', message, hint: 'Check its owner and mode', cause });
}

/** What becomes of each record of an input, in its order, with what stages count of it; of a dropped one, why. */
export function outcomes(input: Uint8Array, options: TraceOptions): RecordFields[] {
  return traceInput(input, options).map(({ framed, stages }) => {
    const last = stages.at(-1);
    const fields =
      last?.dropped === undefined ? (last?.after ?? framed) : [[DROPPED, JSON.stringify(last.dropped)] as const];
    const counts = stages.flatMap((stage) => stage.counts);
    return new Map(counts.length === 0 ? fields : [...fields, [COUNTS, JSON.stringify(counts)]]);
  });
}

/** A clock that stands at the time of cases, and otherwise goes as `clock` does. */
export function caseClock(clock: Clock): Clock {
  return {
    nowMs: () => clock.nowMs(),
    unixMs: () => CASE_UNIX_MS,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    after: (ms, then) => clock.after(ms, then),
  };
}

async function readExpected(file: string): Promise<RecordFields[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    return unusable('read', file, cause);
  }
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    try {
      return line.trim() === '' ? [] : [fromLine(line)];
    } catch (cause) {
      const message = `Cannot read line ${index + 1} of ${JSON.stringify(file)}: ${messageOf(cause)}`;
      throw new OperatorError({ code: 'ERR_USAGE', message, hint: 'Write it anew with --update', cause });
    }
  });
}

/** Whether two records have the same fields, in whatever order. */
function isSame(a: RecordFields | undefined, b: RecordFields | undefined): boolean {
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  for (const [name, value] of a) if (b.get(name) !== value) return false;
  return true;
}
