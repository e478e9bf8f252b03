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
import { HEAD_BYTES } from '../../../src/checkpoint/file-identity.ts';
import { lineText } from '../../harness/checked-line.ts';

const LINE_FEED = 10;

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

/** Lines of a log, from the first to the last one. */
export interface LineRange {
  readonly log: string;
  readonly first: number;
  readonly last: number;
}

interface RotatedFile extends WrittenFile {
  readonly firstLine: number;
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
  /** The first line of the file that is written now. */
  #firstLine = 1;
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
    this.#rotated.unshift({ ...this.current, firstLine: this.#firstLine, isCompressed: false });
    this.#openNext();
  }

  /** Copies the file and empties it. */
  copyAndTruncate(): void {
    this.finish();
    this.#makeRoom();
    copyFileSync(this.#path, this.#pathOf(1));
    const { ino: inode } = statSync(this.#pathOf(1));
    this.#rotated.unshift({ inode, lastLine: this.#line, firstLine: this.#firstLine, isCompressed: false });
    ftruncateSync(this.#descriptor);
    this.#beginFile();
  }

  /** Deletes the file and goes on in a new one of the same name. */
  delete(): void {
    this.finish();
    unlinkSync(this.#path);
    this.#openNext();
  }

  /** Compresses the oldest rotated file that is not compressed. Returns the lines that begin in its head. */
  compressOldest(): LineRange {
    const age = this.#rotated.findLastIndex(({ isCompressed }) => !isCompressed) + 1;
    const path = this.#pathOf(age);
    const compressed = `${path}.gz`;
    const content = readFileSync(path);
    writeFileSync(compressed, gzipSync(content));
    unlinkSync(path);
    const file = this.#rotated[age - 1]!;
    file.isCompressed = true;
    const ends = content.subarray(0, HEAD_BYTES).filter((byte) => byte === LINE_FEED).length;
    return { log: this.name, first: file.firstLine, last: file.firstLine + ends };
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
    this.#beginFile();
  }

  #beginFile(): void {
    this.#file++;
    this.#firstLine = this.#line + 1;
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
