import type { ConfigError } from '../core/errors.ts';

/** A place that an error message names. */
export interface Place {
  /** The file; or what else the value came from, such as `OTEL_EXPORTER_OTLP_ENDPOINT` or `--include`. */
  readonly file: string;
  /** Counted from 1; 0: there are no lines, `file` is no file. */
  readonly line: number;
  /** Counted from 1 in UTF-16 units, as editors do; 0 with `line` 0. */
  readonly column: number;
}

/** An error with the place where the operator finds it. */
export interface LocatedError extends Place {
  readonly error: ConfigError;
  /** The line of the file, where that is not the one that is checked. */
  readonly source?: string;
}

/** The errors in the order of the file, each once: what an alias repeats is wrong in one place. */
export function inOrder(errors: readonly LocatedError[]): LocatedError[] {
  const seen = new Set<string>();
  return errors
    .filter(({ file, line, column, error }) => {
      const id = JSON.stringify([file, line, column, error.message]);
      return !seen.has(id) && seen.add(id);
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
