import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';

/** How old a token may get before its file is read again; the kubelet replaces a token when a fifth of its life is left. */
const REFRESH_MS = 60_000;

/** What a token may hold, by RFC 6750, 2.1: nothing that could end a header. */
const TOKEN = /^[\w\-.~+/]+=*$/;

/** A token in a file that somebody else replaces from time to time. */
export class BearerToken {
  readonly #path: string;
  readonly #clock: Clock;
  #token: string | undefined;
  #dueMs = 0;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /**
   * The value of the header `Authorization`. The file is read at most once a minute; one that cannot be read does no
   * harm while there is a token that nobody has refused. Rejects when there is none, with an error that does not show it.
   */
  async header(): Promise<string> {
    if (this.#token === undefined || this.#clock.nowMs() >= this.#dueMs) {
      try {
        this.#token = tokenIn(await readFile(this.#path, 'utf8'));
        this.#dueMs = this.#clock.nowMs() + REFRESH_MS;
      } catch (error) {
        if (this.#token === undefined) throw error;
      }
    }
    return `Bearer ${this.#token}`;
  }

  /** The token was refused: the file is read before the next request. */
  forget(): void {
    this.#token = undefined;
  }
}

/** Reads the file at once. For configuration time. Throws when there is no token in it. */
export function checkTokenFile(path: string): void {
  tokenIn(readFileSync(path, 'utf8'));
}

function tokenIn(text: string): string {
  const token = text.trim();
  if (!TOKEN.test(token)) throw new Error('the file does not hold one token and nothing else');
  return token;
}
