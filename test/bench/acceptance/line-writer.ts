/**
 * Writes numbered lines, as a process of its own:
 *
 *     fork('line-writer.ts', [JSON of WriterOptions])
 *
 * It ends when all are written.
 */
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { LINE_BYTES, numberedLine } from './numbered-lines.ts';

/** What to write. */
export interface WriterOptions {
  readonly path: string;
  /** The number of the first line. */
  readonly from: number;
  readonly lines: number;
  /** 0: as fast as it can. */
  readonly linesPerSecond: number;
  /** How many lines a file gets until it is renamed; 0: it is not. */
  readonly linesPerFile: number;
}

const TICK_MS = 5;
const CHUNK_LINES = Math.floor((1 << 20) / LINE_BYTES);

const { path, from, lines, linesPerSecond, linesPerFile } = JSON.parse(process.argv[2] ?? '{}') as WriterOptions;
let file = openSync(path, 'a');
let written = 0;

function write(count: number): void {
  const nowMs = Date.now();
  const text = Array.from({ length: count }, (_, index) => numberedLine(from + written + index, nowMs)).join('');
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  written += count;
}

function rotate(): void {
  closeSync(file);
  let oldest = 0;
  while (existsSync(`${path}.${oldest + 1}`)) oldest++;
  for (let age = oldest; age >= 1; age--) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
  renameSync(path, `${path}.1`);
  file = openSync(path, 'a');
}

const startMs = performance.now();
while (written < lines) {
  const dueLines = linesPerSecond === 0 ? lines : Math.floor(((performance.now() - startMs) * linesPerSecond) / 1000);
  const leftInFile = linesPerFile === 0 ? lines : linesPerFile - (written % linesPerFile);
  const count = Math.min(CHUNK_LINES, leftInFile, Math.min(dueLines, lines) - written);
  if (count > 0) write(count);
  if (linesPerFile > 0 && count > 0 && written % linesPerFile === 0) rotate();
  if (written >= dueLines) await wait(TICK_MS);
}
