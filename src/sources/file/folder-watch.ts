import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { fsPath } from './raw-path.ts';

/** So many notifications from one folder in a second cost more than the polls that they hasten … */
const STORM_EVENTS = 100;
/** … so that folder is left to the polls for this long. */
const STORM_PAUSE_MS = 10_000;

/** Who is told. */
export interface WatchListener {
  /** Something happened at `path`. `isNews`: a name came or went; else the content changed. */
  onHint(folder: string, path: string, isNews: boolean): void;
  /** Folders cannot be watched; said once. */
  onUnavailable(error: unknown): void;
}

interface Watched {
  readonly identity: string;
  watcher: FSWatcher | undefined;
  windowStartMs: number;
  eventsInWindow: number;
  resumeMs: number;
}

/**
 * Notifications of the system about folders: hints that make things fast. Whatever they miss, double or invent, the
 * polls find the truth; where there are none, a line is seen one poll later.
 *
 * It watches the folders, one watch each, not the files. chokidar does more, which the polls do here anyway: with it,
 * each write to a watched file costs 100 µs instead of 16, and the process 5 MB more.
 */
export class FolderWatch {
  readonly #clock: Clock;
  readonly #listener: WatchListener;
  readonly #watched = new Map<string, Watched>();
  #isAvailable = true;

  constructor(clock: Clock, listener: WatchListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Watches exactly these folders, given as paths with their identities: a folder made anew needs a new watch. */
  follow(folders: ReadonlyMap<string, string>): void {
    for (const [path, watched] of this.#watched) {
      if (folders.get(path) === watched.identity) continue;
      watched.watcher?.close();
      this.#watched.delete(path);
    }
    const nowMs = this.#clock.nowMs();
    for (const [path, identity] of folders) {
      let watched = this.#watched.get(path);
      if (watched === undefined) {
        watched = { identity, watcher: undefined, windowStartMs: nowMs, eventsInWindow: 0, resumeMs: nowMs };
        this.#watched.set(path, watched);
      }
      if (this.#isAvailable && watched.watcher === undefined && watched.resumeMs <= nowMs) this.#start(path, watched);
    }
  }

  /** Whether hints come from that folder, as far as anybody knows. */
  watches(folder: string): boolean {
    return this.#watched.get(folder)?.watcher !== undefined;
  }

  close(): void {
    this.#isAvailable = false;
    for (const { watcher } of this.#watched.values()) watcher?.close();
    this.#watched.clear();
  }

  #start(path: string, watched: Watched): void {
    try {
      const watcher = watch(fsPath(path), { persistent: false }, (event, name) => {
        this.#count(watched);
        this.#listener.onHint(path, name === null ? path : join(path, name), event === 'rename');
      });
      watcher.on('error', (error) => this.#giveUp(error));
      watched.watcher = watcher;
    } catch (error) {
      // The folder went away just now: the next look says so.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#giveUp(error);
    }
  }

  #count(watched: Watched): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - watched.windowStartMs >= 1000) {
      watched.windowStartMs = nowMs;
      watched.eventsInWindow = 0;
    }
    if (++watched.eventsInWindow < STORM_EVENTS) return;
    watched.watcher?.close();
    watched.watcher = undefined;
    watched.eventsInWindow = 0;
    watched.resumeMs = nowMs + STORM_PAUSE_MS;
  }

  /** No watches left, or none to be had: trying again would only cost. What is watched stays so. */
  #giveUp(error: unknown): void {
    if (!this.#isAvailable) return;
    this.#isAvailable = false;
    this.#listener.onUnavailable(error);
  }
}
