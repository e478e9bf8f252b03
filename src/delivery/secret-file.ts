import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';

/** How old a secret may get before its file is read again; the kubelet replaces a token when a fifth of its life is left. */
const REFRESH_MS = 60_000;

/** A secret in a file that somebody else replaces from time to time. */
export class SecretFile {
  readonly #path: string;
  readonly #parse: (text: string) => string;
  readonly #clock: Clock;
  #secret: string | undefined;
  /** What was read last, and before that: an answer can come late. */
  #seen: readonly string[] = [];
  #dueMs = 0;

  /** `parse` gives the secret in the text of the file; what it throws does not show the text. */
  constructor(path: string, parse: (text: string) => string, clock: Clock) {
    this.#path = path;
    this.#parse = parse;
    this.#clock = clock;
  }

  /**
   * The secret. The file is read at most once a minute; one that cannot be read does no harm while there is a secret that
   * nobody has refused. Rejects when there is none, with an error that does not show it.
   */
  async read(): Promise<string> {
    if (this.#secret === undefined || this.#clock.nowMs() >= this.#dueMs) {
      try {
        this.#take(this.#parse(await readFile(this.#path, 'utf8')));
        this.#dueMs = this.#clock.nowMs() + REFRESH_MS;
      } catch (error) {
        if (this.#secret === undefined) throw error;
      }
    }
    return this.#secret ?? '';
  }

  /** The secret was refused: the file is read before the next request. */
  forget(): void {
    this.#secret = undefined;
  }

  /** What must not be shown. */
  get seen(): readonly string[] {
    return this.#seen;
  }

  #take(secret: string): void {
    this.#secret = secret;
    if (this.#seen[0] !== secret) this.#seen = [secret, ...this.#seen.slice(0, 1)];
  }
}

/** Reads the file at once. For configuration time. Throws when there is no such secret in it. */
export function checkSecretFile(path: string, parse: (text: string) => string): void {
  parse(readFileSync(path, 'utf8'));
}

/** What a token may hold, by RFC 6750, 2.1: nothing that could end a header. */
const TOKEN = /^[\w\-.~+/]+=*$/;

/** A token and nothing else. */
export function tokenIn(text: string): string {
  const token = text.trim();
  if (!TOKEN.test(token)) throw new Error('the file does not hold one token and nothing else');
  return token;
}

/** One line, as it can stand in a header or a password; its end is not part of it. */
export function lineIn(text: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '' || /[\x00-\x08\x0a-\x1f\x7f]/.test(line)) throw new Error('the file does not hold one line of text');
  return line;
}

/** A line that can be the value of a header. */
export function headerValueIn(text: string): string {
  const value = lineIn(text).trim();
  if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(value)) throw new Error('the file holds what no header can hold');
  return value;
}
