import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { RotatingFile } from '../../src/commands/demo/rotating-file.ts';

/** The length of a line with its line end; all have the same, so that an offset tells a line number. */
export const LINE_BYTES = 120;

/** The log of an application that is no process: `logs/app.log` below a folder, with a number in each line. */
export class NumberedLog {
  /** How many lines were written; the first has the number 1. */
  written = 0;
  readonly #file: RotatingFile;

  constructor(folder: string) {
    const logs = join(folder, 'logs');
    mkdirSync(logs, { recursive: true });
    this.#file = new RotatingFile(logs);
  }

  /** Writes `count` lines. */
  write(count: number): void {
    this.#file.append(Array.from({ length: count }, () => `${this.#nextLine()}\n`).join(''));
  }

  /** Writes a line and leaves its line end out. */
  writeUnterminated(): void {
    this.#file.append(this.#nextLine());
  }

  /** Writes the line end that `writeUnterminated()` left out. */
  finishLine(): void {
    this.#file.append('\n');
  }

  /** Renames the file away and goes on in a new one. */
  rotate(): void {
    this.#file.rotate();
  }

  #nextLine(): string {
    const line = ++this.written;
    const start = `{"level":30,"time":${1_700_000_000_000 + line},"line":${line},"msg":"`;
    return `${start.padEnd(LINE_BYTES - 3, '.')}"}`;
  }
}
