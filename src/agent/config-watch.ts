import { type FSWatcher, watch } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';

/** How often the files are looked at: the truth, where the system tells nothing of a change. */
const POLL_INTERVAL_MS = 2000;
/** Files must have stood still for so long: whoever writes them has ended, or pauses. */
const QUIET_MS = 250;

/** What is watched, and who is told. */
export interface ConfigWatchOptions {
  /** The files, as they are named; the configuration is the first. */
  readonly files: () => readonly string[];
  /** What they were like before they were read, as far as that is known; see `stateOf()`. */
  readonly seen: FilesState;
  /** Called when one of them is another one, or was written. Resolves when that was looked at. */
  readonly onChange: () => Promise<unknown>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What each file is like: what changes when it does. */
export type FilesState = ReadonlyMap<string, string>;

/**
 * Looks whether configuration files change, until the signal aborts: by being written or renamed, or because a link on
 * the way to them leads elsewhere, as with a ConfigMap (`..data`) or the worktrees of git-sync. While the configuration is
 * not there it is being replaced, so nothing is said.
 */
export async function watchConfig(options: ConfigWatchOptions): Promise<void> {
  const { files, onChange, clock, signal } = options;
  const hints = new Hints();
  const onStop = (): void => hints.close();
  signal.addEventListener('abort', onStop, { once: true });
  await hints.follow(files());
  let seen: FilesState = new Map([...(await stateOf(files())), ...options.seen]);
  let isFirst = true;
  while (!signal.aborted) {
    // What changed since they were read is taken over at once.
    if (!isFirst) await clock.sleep(POLL_INTERVAL_MS, hints.next());
    isFirst = false;
    let state = await stateOf(files());
    if (signal.aborted || isSame(state, seen)) continue;
    for (
      let before: FilesState = new Map();
      !isSame(state, before) && !signal.aborted;
      state = await stateOf(files())
    ) {
      before = state;
      await clock.sleep(QUIET_MS, signal);
    }
    if (signal.aborted || isSame(state, seen) || state.get(files()[0] ?? '') === MISSING) continue;
    await onChange();
    // What changed while they were read shows at the next look. Others may be named now.
    seen = new Map([...(await stateOf(files())), ...[...state].filter(([file]) => files().includes(file))]);
    await hints.follow(files());
  }
  signal.removeEventListener('abort', onStop);
  hints.close();
}

const MISSING = 'missing';

/** What these files are like now. */
export async function stateOf(files: readonly string[]): Promise<FilesState> {
  const state = new Map<string, string>();
  for (const file of files) {
    try {
      const path = await realpath(file);
      const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
      state.set(file, `${path} ${dev} ${ino} ${size} ${mtimeNs}`);
    } catch {
      state.set(file, MISSING);
    }
  }
  return state;
}

function isSame(a: FilesState, b: FilesState): boolean {
  return a.size === b.size && [...a].every(([file, state]) => b.get(file) === state);
}

/** Notifications of the system about the folders in which something can change; they only make it fast. */
class Hints {
  readonly #watchers = new Map<string, FSWatcher>();
  #bell = new AbortController();

  /** Aborts at the next hint. */
  next(): AbortSignal {
    if (this.#bell.signal.aborted) this.#bell = new AbortController();
    return this.#bell.signal;
  }

  /** Watches the folders of these files, and those of the links on the way to them. */
  async follow(files: readonly string[]): Promise<void> {
    const folders = new Set<string>();
    for (const file of files) for (const folder of await foldersOf(resolve(file))) folders.add(folder);
    for (const [folder, watcher] of this.#watchers) {
      watcher.close();
      if (!folders.has(folder)) this.#watchers.delete(folder);
    }
    // Anew each time: a folder of that name may be another one.
    for (const folder of folders) this.#watch(folder);
  }

  close(): void {
    this.#ring();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#ring());
      watcher.on('error', () => watcher.close());
      this.#watchers.set(folder, watcher);
    } catch {
      // No watches left, or the folder is gone: the polls find what changes.
    }
  }

  #ring(): void {
    this.#bell.abort(null);
  }
}

/** The folder of a file, and of each part of its path that is a link. */
async function foldersOf(file: string): Promise<string[]> {
  const folders = [dirname(file)];
  for (let path = file; path !== dirname(path); path = dirname(path)) {
    const isLink = await lstat(path).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    if (isLink) folders.push(dirname(path));
  }
  return folders;
}
