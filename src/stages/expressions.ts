import * as v from 'valibot';
import { described, type OptionDoc, object } from '../component/options.ts';
import { ConfigError, type ConfigPath } from '../core/errors.ts';

/** A pattern or expression as it is written, and where, as a path inside of the stage's options. */
export interface Expression {
  readonly text: string;
  readonly path: ConfigPath;
}

const written = v.pipe(v.string('expected text'), v.minLength(1, 'expected text that is not empty'));

/**
 * One text, or a list of texts of which the first that fits counts. `prefix` is the path of the option in the options
 * of the stage.
 */
function expressions(prefix: ConfigPath, option: OptionDoc) {
  const list = v.pipe(v.array(written, 'expected a list of texts'), v.minLength(1, 'expected at least one'));
  const schema = v.pipe(
    v.union([list, written], 'expected text, or a list of texts'),
    v.transform((texts): Expression[] =>
      typeof texts === 'string'
        ? [{ text: texts, path: prefix }]
        : texts.map((text, index) => ({ text, path: [...prefix, index] })),
    ),
  );
  return described(schema, 'text or list of text', option);
}

/** The options of a stage that is an expression, a list of them, or a map with them under `match`. */
export function expressionOptions<const Entries extends v.ObjectEntries>(match: OptionDoc, entries: Entries) {
  const map = object({ match: expressions(['match'], match), ...entries });
  const short = v.pipe(
    expressions([], match),
    v.transform((match): v.InferOutput<typeof map> => v.parse(object({ match: v.any(), ...entries }), { match })),
  );
  return described(
    v.union([short, map], 'expected text, a list of texts, or a map with "match"'),
    'text, list of text, or map',
    match,
  );
}

/** Says what is wrong with an expression, which the message calls a `kind`; columns count from 1. */
export function expressionError(
  kind: 'pattern' | 'expression',
  { text, path }: Expression,
  { column, problem, hint }: { readonly column: number; readonly problem: string; readonly hint: string },
): ConfigError {
  const message = `Cannot use ${kind} ${JSON.stringify(text)}: column ${column}: ${problem}`;
  return new ConfigError({ code: 'ERR_CONFIG_PATTERN', path, message, hint });
}
