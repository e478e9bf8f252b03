import { basename, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';

/** Where to look for the files of one pattern. */
export interface Base {
  /** The deepest folder that the pattern names without a wildcard; absolute. */
  readonly folder: string;
  /** How many levels of folders below it can hold matches. */
  readonly depth: number;
  /** Whether more levels could: the pattern has `**`. */
  readonly isDeeper: boolean;
}

/** The deepest tree that is walked for `**`: deeper ones are nobody's log folders, and a scan must end. */
const MAX_DEPTH = 32;

interface Pattern {
  readonly base: Base;
  readonly matches: (path: string) => boolean;
}

/** Which files a source reads. Paths are absolute; relative patterns start at the working directory. */
export class Patterns {
  readonly bases: readonly Base[];
  readonly #include: readonly Pattern[];
  readonly #exclude: readonly ((path: string) => boolean)[];

  constructor(include: readonly string[], exclude: readonly string[]) {
    this.#include = include.map(compile);
    this.#exclude = exclude.map((pattern) => {
      if (pattern.includes('/')) return compile(pattern).matches;
      const matches = picomatch(pattern, { dot: true });
      return (path) => matches(basename(path));
    });
    this.bases = this.#include.map(({ base }) => base);
  }

  /** Whether the file with that absolute path is to be read. */
  matches(path: string): boolean {
    return this.#include.some(({ matches }) => matches(path)) && !this.excludes(path);
  }

  /** Whether the file with that absolute path must not be read. */
  excludes(path: string): boolean {
    return this.#exclude.some((matches) => matches(path));
  }
}

/** What is wrong with a pattern, as a message, or undefined. */
export function patternError(pattern: string): string | undefined {
  const text = JSON.stringify(pattern);
  if (pattern.startsWith('!')) return `Cannot use pattern ${text}: it is negated; name such files under "exclude"`;
  if (pattern.endsWith('/')) return `Cannot use pattern ${text}: it ends with a slash, so it names no file`;
  try {
    picomatch.makeRe(pattern, { strictBrackets: true });
  } catch {
    return `Cannot use pattern ${text}: a bracket has no counterpart`;
  }
  return undefined;
}

function compile(pattern: string): Pattern {
  const { base, glob } = picomatch.scan(pattern, { unescape: true });
  if (glob === '') {
    const path = resolve(base);
    return {
      base: { folder: resolve(path, '..'), depth: 0, isDeeper: false },
      matches: (candidate) => candidate === path,
    };
  }
  const folder = resolve(base);
  const matches = picomatch(glob);
  const prefix = folder.endsWith(sep) ? folder : folder + sep;
  const isDeeper = glob.includes('**');
  return {
    base: { folder, depth: isDeeper ? MAX_DEPTH : glob.split('/').length - 1, isDeeper },
    matches: (path) => path.startsWith(prefix) && matches(relative(folder, path)),
  };
}
