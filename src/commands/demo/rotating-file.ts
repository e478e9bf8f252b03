import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** How many rotated files stay: `app.log.1`, the youngest, to `app.log.5`. */
const ROTATED_FILES = 5;

/** A log file as many applications keep it: appended to, and renamed away from time to time. */
export class RotatingFile {
  /** Bytes written to all files. */
  bytes = 0;
  rotations = 0;
  readonly #path: string;
  #file: number;

  constructor(folder: string) {
    this.#path = join(folder, 'app.log');
    this.#file = openSync(this.#path, 'a');
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.bytes += bytes.length;
  }

  /** Moves each file one number up, removes the oldest, and goes on in a new one. */
  rotate(): void {
    this.close();
    const name = (age: number): string => (age === 0 ? this.#path : `${this.#path}.${age}`);
    for (let age = Math.min(this.rotations, ROTATED_FILES); age >= 0; age--) {
      if (age === ROTATED_FILES) rmSync(name(age));
      else renameSync(name(age), name(age + 1));
    }
    this.#file = openSync(this.#path, 'a');
    this.rotations++;
  }

  close(): void {
    closeSync(this.#file);
  }
}
