import type { ConfigDiff } from '../config/config-diff.ts';
import { isSame } from '../config/config-diff.ts';
import type { LocatedError } from '../config/located-error.ts';

/** What is wrong with a configuration, as `pillion check` says it. */
export interface ReloadError {
  readonly file: string;
  /** Counted from 1; 0: it is about no line. */
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What came of a reload: what `POST /-/reload` answers. */
export type ReloadResult =
  /** Names of what is not the same any more, by section; `settings` are keys at the top. */
  | { readonly result: 'reloaded'; readonly changes: ConfigDiff }
  | { readonly result: 'unchanged' }
  /** The old configuration goes on. */
  | { readonly result: 'failed'; readonly errors: readonly ReloadError[] };

/** How the configuration of an agent is: a part of what `GET /ledger` answers. */
export interface ConfigReport {
  readonly file: string;
  /** When the configuration was taken over that is in force, in ISO 8601. */
  readonly in_force_since: string;
  readonly last_reload: 'none' | 'succeeded' | 'failed';
  /** Of the last reload, if it failed. */
  readonly errors?: readonly ReloadError[];
}

/** The answer for a configuration that was read. */
export function reloaded(changes: ConfigDiff): ReloadResult {
  return isSame(changes) ? { result: 'unchanged' } : { result: 'reloaded', changes };
}

/** The answer for one with errors. */
export function failed(errors: readonly LocatedError[]): ReloadResult & { readonly result: 'failed' } {
  return {
    result: 'failed',
    errors: errors.map(({ file, line, column, error: { code, message, hint } }) => ({
      ...{ file, line, column, code, message },
      ...(hint !== undefined && { hint }),
    })),
  };
}

/** An error in a line: `pillion.yaml:4:5: Unknown key "inculde" (ERR_CONFIG_KEY); hint: Did you mean "include"?` */
export function formatReloadError({ file, line, column, code, message, hint }: ReloadError): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return `${place}: ${message} (${code})${hint === undefined ? '' : `; hint: ${hint}`}`;
}
