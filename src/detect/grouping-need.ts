import { LANGUAGES, type Language } from '../framing/multiline/languages.ts';
import { shapeOf } from './forms/text-lines.ts';
import { timeAt } from './forms/time-shapes.ts';

/** How lines have to be put together, as the option `multiline` of a file source has it. */
export type GroupingNeed = Language | { readonly start: string };

/** Lines that belong to the one before them, whoever writes them. */
const CONTINUATION = /^(?:\s+\S|Caused by: |\.\.\. \d+ more|Traceback \(|goroutine \d|panic: )/;

/** How much of what has to be joined a language has to join, to be the answer though a pattern would join more. */
const LANGUAGE_SHARE = 0.9;
const MIN_JOINED = 2;
/** The share of lines that begin a record, at least. */
const MIN_STARTS = 0.2;
/** The share of other lines that may look as if they were records of their own. */
const MAX_OTHER_RECORDS = 0.1;

/**
 * Whether lines have to be put together to records, and how: by the stack traces of a language, or by how most records
 * begin. Undefined: each line is a record, as far as these show it. `lines`: those that are not empty.
 * `countRecords` says how many records a language makes of the same lines.
 */
export function groupingNeedOf(
  lines: readonly string[],
  countRecords: (language: Language) => number,
): GroupingNeed | undefined {
  if (lines.every((line) => line.startsWith('{'))) return undefined;
  const start = startOf(lines);
  const isFirst = start === undefined ? (line: string) => !CONTINUATION.test(line) : matcher(start);
  const rest = lines.filter((line) => !isFirst(line));
  const others = rest.length;
  if (others === 0) return undefined;
  const [best] = LANGUAGES.map((language) => ({ language, joined: lines.length - countRecords(language) })).sort(
    (a, b) => b.joined - a.joined,
  );
  const { language, joined } = best!;
  if (joined >= MIN_JOINED && joined >= LANGUAGE_SHARE * others) return language;
  const isMixed = rest.filter(isRecord).length > MAX_OTHER_RECORDS * others;
  if (start !== undefined && others >= MIN_JOINED && !isMixed) return { start };
  return joined >= MIN_JOINED ? language : undefined;
}

/** How records begin, as an expression: with their time; undefined: not with one. */
function startOf(lines: readonly string[]): string | undefined {
  const certain = lines.filter((line) => !CONTINUATION.test(line));
  const shape = shapeOf(certain, MIN_STARTS);
  if (shape === undefined || shape.wordsBefore > 0) return undefined;
  return `^${shape.opening.replace(/[[({]/g, '\\$&')}${shape.timeExpression}`;
}

/** Whether a line looks like a record, of whatever form. */
function isRecord(line: string): boolean {
  return line.startsWith('{"') || timeAt(line, /^["'([{<]{0,2}/.exec(line)![0].length) !== undefined;
}

function matcher(expression: string): (line: string) => boolean {
  const pattern = new RegExp(expression);
  return (line) => pattern.test(line);
}
