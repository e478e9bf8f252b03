import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lineText } from '../../harness/checked-line.ts';

/** A file of a log, and the last line in it. */
export interface WrittenFile {
  readonly inode: number;
  readonly lastLine: number;
}

/** A line of which only a part was ever written, because its file was renamed first. */
export interface TornLine {
  readonly log: string;
  readonly line: number;
  readonly text: string;
}

interface RotatedFile extends WrittenFile {
  isCompressed: boolean;
}

/**
 * A log that an application writes and something like logrotate keeps: `<name>.log`, and `<name>.log.1` (the youngest)
 * and so on. Files that were compressed have `.gz` behind that.
 */
export class WrittenLog {
  readonly name: string;
  readonly #path: string;
  /** The youngest first. */
  readonly #rotated: RotatedFile[] = [];
  #descriptor: number;
  #file = 1;
  #line = 0;
  /** What of the last line is not written yet. */
  #rest = Buffer.alloc(0);
  #torn: TornLine | undefined;

  constructor(folder: string, name: string) {
    this.name = name;
    this.#path = join(folder, `${name}.log`);
    this.#descriptor = openSync(this.#path, 'a');
  }

  /** The number of the file that is written now. */
  get file(): number {
    return this.#file;
  }

  /** The number of the last line, whole or not. */
  get lastLine(): number {
    return this.#line;
  }

  get current(): WrittenFile {
    return { inode: fstatSync(this.#descriptor).ino, lastLine: this.#line };
  }

  /** How many rotated files there are. */
  get rotatedFiles(): number {
    return this.#rotated.length;
  }

  /** The oldest rotated file. */
  get oldest(): WrittenFile | undefined {
    return this.#rotated.at(-1);
  }

  /** The oldest rotated file that is not compressed. */
  get oldestPlain(): WrittenFile | undefined {
    return this.#rotated.findLast(({ isCompressed }) => !isCompressed);
  }

  /** The line that was left unfinished for good since the last call. */
  takeTorn(): TornLine | undefined {
    const torn = this.#torn;
    this.#torn = undefined;
    return torn;
  }

  /** Writes `count` lines in one go, after what was left of the last one. */
  write(count: number): void {
    this.finish();
    const text = Array.from({ length: count }, () => `${this.#nextLine()}\n`).join('');
    this.#append(Buffer.from(text));
  }

  /** Writes `part` (0 to 1) of a line, and leaves the rest. */
  begin(part: number): void {
    this.finish();
    const bytes = Buffer.from(`${this.#nextLine()}\n`);
    let cut = Math.max(1, Math.floor(part * (bytes.length - 1)));
    while ((bytes[cut]! & 0xc0) === 0x80) cut--; // not within a character
    this.#append(bytes.subarray(0, cut));
    this.#rest = bytes.subarray(cut);
  }

  /** Writes what was left of a line. */
  finish(): void {
    this.#append(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  /** Renames the file away, writes `lateLines` into it all the same, and goes on in a new one. */
  rotate(lateLines = 0): void {
    this.#makeRoom();
    renameSync(this.#path, this.#pathOf(1));
    if (lateLines > 0) this.write(lateLines);
    this.#tear();
    this.#rotated.unshift({ ...this.current, isCompressed: false });
    this.#openNext();
  }

  /** Copies the file and empties it. */
  copyAndTruncate(): void {
    this.finish();
    this.#makeRoom();
    copyFileSync(this.#path, this.#pathOf(1));
    this.#rotated.unshift({ inode: statSync(this.#pathOf(1)).ino, lastLine: this.#line, isCompressed: false });
    ftruncateSync(this.#descriptor);
    this.#file++;
  }

  /** Deletes the file and goes on in a new one of the same name. */
  delete(): void {
    this.finish();
    unlinkSync(this.#path);
    this.#openNext();
  }

  /** Compresses the oldest rotated file that is not compressed. */
  compressOldest(): void {
    const age = this.#rotated.findLastIndex(({ isCompressed }) => !isCompressed) + 1;
    const path = this.#pathOf(age);
    const compressed = `${path}.gz`;
    writeFileSync(compressed, gzipSync(readFileSync(path)));
    unlinkSync(path);
    this.#rotated[age - 1]!.isCompressed = true;
  }

  /** Removes the oldest rotated file. */
  removeOldest(): void {
    const path = this.#pathOf(this.#rotated.length);
    for (const name of [path, `${path}.gz`]) rmSync(name, { force: true });
    this.#rotated.pop();
  }

  #openNext(): void {
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#path, 'a');
    this.#file++;
  }

  /** Moves all rotated files one number up. */
  #makeRoom(): void {
    for (let age = this.#rotated.length; age >= 1; age--) {
      for (const ending of ['', '.gz']) {
        const path = this.#pathOf(age) + ending;
        if (existsSync(path)) renameSync(path, this.#pathOf(age + 1) + ending);
      }
    }
  }

  #tear(): void {
    if (this.#rest.length === 0) return;
    const whole = Buffer.from(`${this.#text(this.#line)}\n`);
    const text = whole.subarray(0, whole.length - this.#rest.length).toString();
    this.#torn = { log: this.name, line: this.#line, text };
    this.#rest = Buffer.alloc(0);
  }

  #pathOf(age: number): string {
    return `${this.#path}.${age}`;
  }

  #nextLine(): string {
    return this.#text(++this.#line);
  }

  #text(line: number): string {
    return lineText({ log: this.name, file: this.#file, line });
  }

  #append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
  }
}
