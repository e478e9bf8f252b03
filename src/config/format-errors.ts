import { printable } from '../core/printable.ts';
import { hideSecrets } from './hide-secrets.ts';
import type { LocatedError } from './located-error.ts';

/** Errors that are shown at once; the others are counted. */
const MAX_ERRORS = 100;
const MAX_MESSAGE = 400;
/** Columns of a source line that are shown: before the place, and in all. */
const MAX_BEFORE = 70;
const MAX_LINE = 110;

const PLAIN = { code: '', mark: '', hint: '', reset: '' };
const COLOURED = { code: '\u001b[2m', mark: '\u001b[31m', hint: '\u001b[36m', reset: '\u001b[0m' };

/**
 * The errors as an operator reads them, with the line of `text` that each is about and a mark below the place:
 *
 * ```
 * app.yaml:4:5: Unknown key "inculde" (ERR_CONFIG_KEY)
 *   4 |     inculde: [/var/log/app.log]
 *     |     ^
 *   hint: Did you mean "include"?
 * ```
 *
 * Everything out of the configuration is escaped: nothing in it drives a terminal. Secrets in it are covered. Ends with a newline unless empty.
 */
export function formatErrors(errors: readonly LocatedError[], text: string, { colour = false } = {}): string {
  const lines = text.split(/\r?\n/);
  const colours = colour ? COLOURED : PLAIN;
  const shown = errors
    .slice(0, MAX_ERRORS)
    .map((error) => `${formatError(error, error.source ?? lines[error.line - 1], colours)}\n`);
  if (errors.length > MAX_ERRORS) shown.push(`And ${errors.length - MAX_ERRORS} more\n`);
  return shown.join('\n');
}

function formatError(located: LocatedError, sourceLine: string | undefined, colours: typeof PLAIN): string {
  const { file, line, column, error } = located;
  const place = line === 0 ? printable(file) : `${printable(file)}:${line}:${column}`;
  const shown = [`${place}: ${shortened(error.message)} ${colours.code}(${error.code})${colours.reset}`];
  if (sourceLine !== undefined && sourceLine.trim() !== '') {
    const [source, indent] = window(hideSecrets(sourceLine), column - 1);
    const gutter = ' '.repeat(String(line).length);
    shown.push(`  ${line} | ${source}`, `  ${gutter} | ${indent}${colours.mark}^${colours.reset}`);
  }
  if (error.hint !== undefined) shown.push(`  ${colours.hint}hint:${colours.reset} ${shortened(error.hint)}`);
  return shown.join('\n');
}

/** The part of `line` around `index` that fits, and the white space that brings a mark below that place. */
function window(line: string, index: number): [line: string, indent: string] {
  // Cut before it is escaped: a line may be a megabyte long.
  const from = line.length <= MAX_LINE ? 0 : Math.max(0, index - MAX_BEFORE);
  const to = Math.max(from + MAX_LINE, index + 1);
  const before = (from > 0 ? '…' : '') + printable(line.slice(from, index));
  const after = printable(line.slice(index, to)) + (line.length > to ? '…' : '');
  return [before + after, ' '.repeat([...before].length)];
}

function shortened(text: string): string {
  return printable(text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`);
}
