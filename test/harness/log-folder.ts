import { appendFileSync, copyFileSync, readdirSync, readlinkSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type RunningFileSource, temporaryFolder, until } from './files.ts';

/** A folder with the logs of an application that numbers its lines, and what rotates them. */
export class LogFolder {
  readonly folder: string;
  /** Every line that was written whole, in any file. */
  readonly written: string[] = [];

  constructor(t: TestContext) {
    this.folder = temporaryFolder(t);
  }

  /** The log that is written now. */
  get path(): string {
    return this.at('app.log');
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** Appends `count` lines of 64 bytes; 16 of them are as long as a whole head. */
  write(count: number, name = 'app.log'): void {
    const lines = Array.from({ length: count }, () => this.nextLine());
    appendFileSync(this.at(name), lines.map((line) => `${line}\n`).join(''));
  }

  /** A line of 63 bytes that counts as written. */
  nextLine(): string {
    const line = `line ${this.written.length} `.padEnd(63, '.');
    this.written.push(line);
    return line;
  }

  /** As logrotate renames: `.1` becomes `.2`, then `app.log` becomes `.1`; the oldest goes. */
  rotate(kept = 9): void {
    this.shift(kept);
    renameIfThere(this.path, this.at('app.log.1'));
  }

  /** As logrotate copies: `.1` becomes `.2`, `app.log` is copied to `.1`, and not truncated yet. */
  copy(kept = 9): void {
    this.shift(kept);
    copyFileSync(this.path, this.at('app.log.1'));
  }

  truncate(size = 0): void {
    truncateSync(this.path, size);
  }

  /** Makes room for a new `.1`. */
  shift(kept = 9): void {
    rmSync(this.at(`app.log.${kept}`), { force: true });
    for (let n = kept - 1; n >= 1; n--) renameIfThere(this.at(`app.log.${n}`), this.at(`app.log.${n + 1}`));
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** A folder with `app.log` in it, and what rotates that. */
export function rotatedLog(t: TestContext) {
  const logs = new LogFolder(t);
  return {
    at: (name: string): string => logs.at(name),
    path: logs.path,
    rotate: (kept?: number): void => logs.rotate(kept),
  };
}

/** Lets the time stamps of the file system move on, as between any two rotations in life. */
export async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 15));
}

/** Waits until the source has closed `count` files, counted from its start. */
export function finished(source: RunningFileSource, count = 1): Promise<void> {
  return until(`${count} files are finished`, () => {
    return source.messages.filter((message) => message === 'A file is finished.').length >= count;
  });
}

/** What the open handles of this process lead to. */
export function openPaths(): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return [];
    }
  });
}
