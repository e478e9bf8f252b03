import { LineCounter, parseDocument } from 'yaml';
import { ConfigError, type ErrorCode } from '../core/errors.ts';
import type { ConfigDocument } from './config-document.ts';
import type { Environment } from './environment.ts';
import type { LocatedError, Place } from './located-error.ts';
import { MAX_CONFIG_BYTES, tooLarge } from './read-file.ts';
import { YamlDocument } from './yaml-document.ts';
import { explainYaml } from './yaml-errors.ts';

/** More errors than this in the syntax are the echo of the first. */
const MAX_SYNTAX_ERRORS = 20;

/** A file whose values can be checked, or why not. */
export type ReadResult =
  | { readonly ok: true; readonly document: ConfigDocument }
  | { readonly ok: false; readonly errors: readonly LocatedError[] };

/** What messages call a file, and how they say that it is written. */
interface FileForm {
  readonly what: string;
  readonly hint: string;
  readonly empty: string;
  readonly emptyHint: string;
}

const CONFIGURATION: FileForm = {
  what: 'a configuration',
  hint: 'Write a map with the keys "sources", "pipelines" and "sinks"',
  empty: 'Configuration is empty',
  emptyHint: 'It needs at least "sources", "pipelines" and "sinks"; "pillion run --include <glob>" needs no file',
};

const STAGES_HINT = 'Write the list of stages below the key "stages", as in `stages: [json, timestamp]`';

/** A file of stages, which a configuration uses. */
export const FILE_OF_STAGES: FileForm = {
  what: 'a file of stages',
  hint: STAGES_HINT,
  empty: 'File of stages is empty',
  emptyHint: STAGES_HINT,
};

/**
 * Reads YAML 1.2 as a configuration: one document, a map at the top, keys that are text, no tags, no merge keys, and
 * environment variables filled into its texts. While the syntax is wrong nothing else is looked at: what a parser
 * guesses behind the first error is not what the author wrote.
 */
export function readYaml({
  text,
  file,
  env,
  form = CONFIGURATION,
}: {
  text: string;
  file: string;
  env: Environment;
  form?: FileForm;
}): ReadResult {
  if (text.length > MAX_CONFIG_BYTES) return { ok: false, errors: [tooLarge(file)] };
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errorAt = (offset: number, code: ErrorCode, message: string, hint: string): LocatedError => ({
    ...placeAt(offset),
    error: new ConfigError({ code, path: [], message, hint }),
  });

  const parsed = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // The parser compares each key with each other one: two minutes for a hostile megabyte. `YamlDocument` looks.
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const control = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    const hint = 'Remove it; in a text in double quotes it can be written as an escape, such as "\\e"';
    return { ok: false, errors: [errorAt(control.index, 'ERR_CONFIG_SYNTAX', `Control character U+${code}`, hint)] };
  }
  const problems = explainYaml(parsed, text);
  if (problems.length > 0) {
    const perLine = new Map<number, LocatedError>();
    for (const { offset, message, hint } of problems) {
      const error = errorAt(offset, 'ERR_CONFIG_SYNTAX', message, hint);
      if (!perLine.has(error.line)) perLine.set(error.line, error);
    }
    return { ok: false, errors: [...perLine.values()].slice(0, MAX_SYNTAX_ERRORS) };
  }
  const document = new YamlDocument(parsed, { text, file, env, placeAt });
  if (document.isBroken([])) return { ok: false, errors: document.errors };
  if (document.value === null) {
    return { ok: false, errors: [errorAt(0, 'ERR_CONFIG_EMPTY', form.empty, form.emptyHint)] };
  }
  if (typeof document.value !== 'object' || Array.isArray(document.value)) {
    const what = Array.isArray(document.value) ? 'a list' : 'one value';
    const message = `Cannot use ${what} as ${form.what}`;
    return {
      ok: false,
      errors: [
        {
          ...document.locate([], 'value'),
          error: new ConfigError({ code: 'ERR_CONFIG_TYPE', path: [], message, hint: form.hint }),
        },
      ],
    };
  }
  return { ok: true, document };
}
