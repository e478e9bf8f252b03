/**
 * What is written where a value of a document is meant: a path as CEL has it (`memory.heap`, `pools[0].size`,
 * `["odd name"].x`), `.` for the whole document, or a text in quotes.
 */
export type PathExpression =
  | {
      readonly kind: 'path';
      readonly steps: readonly (string | number)[];
      /** Whether the first step is a plain name, which a loop may have given to something. */
      readonly isNamed: boolean;
    }
  | { readonly kind: 'text'; readonly text: string };

/** An expression that is none; `message` says what is wrong, as the end of a sentence. */
export class PathError extends Error {}

/** Longer paths are written by mistake. */
const MAX_STEPS = 64;

const NAME = /[A-Za-z_]\w*/y;
const INDEX = /\[\s*(\d{1,9})\s*\]/y;
const QUOTED = /\[\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\]/y;
const TEXT = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')$/s;

/** Reads an expression. Throws a `PathError`. */
export function parsePath(written: string): PathExpression {
  const expression = written.trim();
  if (TEXT.test(expression)) return { kind: 'text', text: unquote(expression) };
  if (expression === '.') return { kind: 'path', steps: [], isNamed: false };
  const steps: (string | number)[] = [];
  for (let at = 0; at < expression.length; ) {
    const isFirst = at === 0;
    if (!isFirst && expression[at] === '.') at++;
    else if (!isFirst && expression[at] !== '[') throw unexpected(expression, at);
    const name = expression[at] === '[' ? undefined : matchAt(NAME, expression, at);
    const index = name === undefined ? matchAt(INDEX, expression, at) : undefined;
    const quoted = name === undefined && index === undefined ? matchAt(QUOTED, expression, at) : undefined;
    const match = name ?? index ?? quoted;
    // A bracket follows without a point.
    if (match === undefined || (name === undefined && expression[at - 1] === '.')) throw unexpected(expression, at);
    if (name !== undefined) steps.push(name[0]);
    else if (index !== undefined) steps.push(Number(index[1]));
    else steps.push(unquote(match[1] ?? ''));
    at += match[0].length;
  }
  if (steps.length === 0) throw new PathError('it is empty');
  if (steps.length > MAX_STEPS) throw new PathError(`it has more than ${MAX_STEPS} steps`);
  return { kind: 'path', steps, isNamed: /^[A-Za-z_]/.test(expression) };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function unexpected(expression: string, at: number): PathError {
  const found = expression[at];
  return new PathError(found === undefined ? 'it ends too early' : `${JSON.stringify(found)} is not expected there`);
}

/** The text between the quotes; a backslash stands before what would end it, and before a backslash. */
function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, '$1');
}
