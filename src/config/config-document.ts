import type { ConfigError, ConfigPath } from '../core/errors.ts';
import type { LocatedError, Place } from './located-error.ts';

/** Whether an error is about the name of a value or about the value. */
export type Part = 'key' | 'value';

/**
 * A configuration as plain values, with the place of each: what a YAML file holds, or what command line and environment
 * say.
 */
export interface ConfigDocument {
  readonly file: string;
  readonly value: unknown;
  /** What was found wrong while reading; the rest can still be checked. */
  readonly errors: readonly LocatedError[];
  /** The place of `path`, or of the nearest part above it that exists. */
  locate(path: ConfigPath, part: Part): Place;
  /** Whether an error was reported at `path` or above already: what else is wrong there follows from it. */
  isBroken(path: ConfigPath): boolean;
  /** The text at `path` when an environment variable was filled into it. */
  filledText(path: ConfigPath): string | undefined;
  /** How the number at `path` is written, when that is not how it prints: `1.10` is 1.1. */
  numberText(path: ConfigPath): string | undefined;
}

/** A path as a key of maps and sets. */
export function pathKey(path: ConfigPath): string {
  return JSON.stringify(path);
}

/** Whether `paths` has `path` or a path above it. */
export function hasPathOrParent(paths: ReadonlySet<string>, path: ConfigPath): boolean {
  if (paths.size === 0) return false;
  return Array.from({ length: path.length + 1 }, (_, end) => path.slice(0, end)).some((up) => paths.has(pathKey(up)));
}

/** Errors and warnings of one document, with their places. */
export class Report {
  readonly #document: ConfigDocument;
  readonly errors: LocatedError[];
  readonly warnings: LocatedError[] = [];

  constructor(document: ConfigDocument) {
    this.#document = document;
    this.errors = [...document.errors];
  }

  /** Adds `error`, unless it follows from one that was reported before. An unknown key is shown where the key stands. */
  add(error: ConfigError, part: Part = error.code === 'ERR_CONFIG_KEY' ? 'key' : 'value'): void {
    if (this.#document.isBroken(error.path)) return;
    this.errors.push({ ...this.#document.locate(error.path, part), error });
  }

  addAll(errors: readonly ConfigError[]): void {
    for (const error of errors) this.add(error);
  }

  warn(error: ConfigError, part: Part): void {
    this.warnings.push({ ...this.#document.locate(error.path, part), error });
  }
}
