import type { ASTNode } from '@marcbachmann/cel-js';
import { closest } from '../component/closest.ts';
import { ConfigError } from '../core/errors.ts';
import { KeyTable } from '../core/key-table.ts';
import { attributesIn } from './attributes-in.ts';
import { compile } from './compile.ts';
import { celEnvironment, SEVERITIES, VARIABLES } from './environment.ts';
import { celLibrary } from './library.ts';
import type { Judge } from './verdict.ts';

/** A condition that was checked. */
export interface Condition {
  /** The names of the attributes that it looks at; undefined: it may look at any. */
  readonly attributes: ReadonlySet<string> | undefined;
  /** Makes its judge, for batches that use `keys`. */
  build(keys: KeyTable): Judge;
}

/** What messages call an expression. */
export type ExpressionKind = 'condition' | 'expression';

/** What the library says of an expression that is wrong. */
export interface CelError {
  readonly summary?: string;
  readonly range?: { readonly start: number };
}

/** Reads and checks a condition in CEL. The error's path is empty. `loadConditions()` must have resolved. */
export function parseCondition(text: string): Condition | ConfigError {
  let tree: ASTNode;
  try {
    const { valid, type, error } = celEnvironment().parse(text).check();
    if (!valid) return wrongExpression('condition', text, error as CelError);
    if (type !== 'bool' && type !== 'dyn') return noCondition(text, String(type));
    // A tree of its own: checking writes into the one that is checked.
    tree = celLibrary().parse(text).ast;
    // Finds what only shows here, such as a wrong regular expression.
    compile(tree, new KeyTable());
  } catch (error) {
    return wrongExpression(
      'condition',
      text,
      error instanceof SyntaxError ? { summary: error.message } : (error as CelError),
    );
  }
  return { attributes: attributesIn(tree), build: (keys) => compile(tree, keys) };
}

/** What helps where the library says such a thing. */
const HINTS: readonly (readonly [said: RegExp, hint: string])[] = [
  // What CEL allows in `has()` surprises everybody whose names have dots.
  [/^has\(\)/, 'has() takes attributes.name; of a name with dots write "http.route" in attributes'],
  [/^Unexpected character: =/, 'Write "==" to compare'],
  [/^Unexpected token: EOF/, 'Something is missing at its end'],
];

/** Of an expression that compares one with a text. */
const SEVERITY_HINT = 'Severities are numbers with names: write severity >= WARN, without quotes';

/** What is wrong with an expression, which the message calls a `kind`, by what the library says of it. */
export function wrongExpression(kind: ExpressionKind, text: string, { summary, range }: CelError): ConfigError {
  const [, unknown] = /^Unknown variable: (\w+)/.exec(summary ?? '') ?? [];
  const place = range === undefined ? '' : ` (character ${range.start + 1})`;
  const reason = unknown === undefined ? (summary ?? 'it is no CEL expression') : `there is no "${unknown}"`;
  let hint = unknown === undefined ? HINTS.find(([said]) => said.test(summary ?? ''))?.[1] : hintFor(unknown);
  const isSeverity = /\bseverity\b/.test(text) && /^no such overload: int \S+ string/.test(summary ?? '');
  if (isSeverity) hint = SEVERITY_HINT;
  return expressionError(kind, text, `${reason}${place}`, hint);
}

function noCondition(text: string, type: string): ConfigError {
  return expressionError('condition', text, `it gives ${type}, not true or false`, 'Compare it with something');
}

function hintFor(unknown: string): string {
  const names = [...Object.keys(VARIABLES), ...Object.keys(SEVERITIES)];
  const near = closest(unknown, names);
  if (near !== undefined) return `Did you mean "${near}"?`;
  return `An attribute is written as attributes["${unknown}"]; the other names are ${names.join(', ')}`;
}

/** The error of an expression that cannot be used, for that reason; its path is empty. */
export function expressionError(
  kind: ExpressionKind,
  text: string,
  reason: string,
  hint: string | undefined,
): ConfigError {
  const message = `Cannot use ${kind} ${JSON.stringify(text)}: ${reason}`;
  return new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [], message, hint });
}
