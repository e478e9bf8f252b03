import { TIME_NAME, timeExpressionOf } from './time-expression.ts';

/** A time as it stands in a line. */
export interface FoundTime {
  readonly start: number;
  readonly end: number;
  /** What finds times that have as many digits, as an expression that the stage `regex` takes. */
  readonly expression: string;
  /** What finds all times of the format. */
  readonly looseExpression: string;
  /** The format as the stage `timestamp` takes it; undefined: it finds out itself. */
  readonly format: string | undefined;
  /** Other formats that the same text could be of: which one it is, other lines have to show. */
  readonly others: readonly string[];
}

interface Part {
  readonly expression: string;
  readonly format: string;
  readonly others?: readonly string[];
  readonly pattern: RegExp;
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*';
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*';

function part(expression: string, format: string, others: readonly string[] = []): Part {
  return { expression, format, others, pattern: new RegExp(expression, 'y') };
}

/** ISO 8601 and its variants, which need no format. */
const ISO = part(
  '\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[+-]\\d\\d:?\\d\\d))?',
  '',
);

/** Seconds since 1970 between 2001 and 2040, or smaller units of them. */
const EPOCH = part('(?:1\\d{9}|20\\d{8}|21\\d{8})(?:\\d{3}|\\d{6}|\\d{9}|\\.\\d{1,9})?', '');

/** Times with the year at their end. */
const YEAR_LAST: readonly Part[] = [
  part(`${WEEKDAY} ${MONTH} +\\d\\d? \\d\\d:\\d\\d:\\d\\d\\.\\d{1,9} \\d{4}`, '%a %b %d %H:%M:%S.%f %Y'),
  part(`${WEEKDAY} ${MONTH} +\\d\\d? \\d\\d:\\d\\d:\\d\\d \\d{4}`, '%a %b %d %H:%M:%S %Y'),
  part(`${MONTH} +\\d\\d? \\d\\d:\\d\\d:\\d\\d \\d{4}`, '%b %d %H:%M:%S %Y'),
];

/** Dates; of those that begin alike the longer ones first. */
const DATES: readonly Part[] = [
  part('\\d{4}-\\d\\d?-\\d\\d?', '%Y-%m-%d'),
  part('\\d{4}/\\d\\d?/\\d\\d?', '%Y/%m/%d'),
  part('\\d{4}\\.\\d\\d?\\.\\d\\d?', '%Y.%m.%d'),
  part(`\\d{4}-${MONTH}-\\d\\d?`, '%Y-%b-%d'),
  part(`\\d\\d?/${MONTH}/\\d{4}`, '%d/%b/%Y'),
  part(`\\d\\d?-${MONTH}-\\d{4}`, '%d-%b-%Y'),
  part(`\\d\\d? ${MONTH} \\d{4}`, '%d %b %Y'),
  part(`\\d\\d? ${MONTH}`, '%d %b'),
  part(`${WEEKDAY},? \\d\\d? ${MONTH} \\d{4}`, '%a, %d %b %Y'),
  part(`${MONTH} \\d\\d?, \\d{4}`, '%b %d, %Y'),
  part(`${MONTH} +\\d\\d?`, '%b %d'),
  part('\\d\\d?/\\d\\d?/\\d{4}', '%d/%m/%Y', ['%m/%d/%Y']),
  part('\\d\\d?\\.\\d\\d?\\.\\d{4}', '%d.%m.%Y', ['%m.%d.%Y']),
  part('\\d\\d?-\\d\\d?-\\d{4}', '%d-%m-%Y', ['%m-%d-%Y']),
  part('\\d\\d/\\d\\d/\\d\\d', '%y/%m/%d', ['%d/%m/%y', '%m/%d/%y']),
  part('\\d\\d\\.\\d\\d\\.\\d\\d', '%d.%m.%y', ['%y.%m.%d']),
  part('\\d\\d-\\d\\d', '%m-%d', ['%d-%m']),
  part('\\d\\d/\\d\\d', '%m/%d', ['%d/%m']),
  part('\\d\\d\\.\\d\\d', '%m.%d', ['%d.%m']),
  part('\\d{8}', '%Y%m%d'),
  part('\\d{6}', '%y%m%d'),
];

/** What stands between a date and a time of the day. */
const BETWEEN: readonly Part[] = [part('T', 'T'), part(', +', ', '), part(' +', ' '), part('[:_-]', '')];

const CLOCKS: readonly Part[] = [
  part('\\d\\d?:\\d\\d?:\\d\\d? ?[AP]M', '%I:%M:%S %p'),
  part('\\d\\d?:\\d\\d?:\\d\\d?', '%H:%M:%S'),
  part('\\d{6}', '%H%M%S'),
];

const FRACTIONS: readonly Part[] = [part('\\.\\d{1,9}', '.%f'), part(',\\d{1,9}', ',%f'), part(':\\d{1,9}', ':%f')];

const ZONES: readonly Part[] = [
  part(' [+-]\\d\\d:?\\d\\d', ' %z'),
  part('[+-]\\d\\d:?\\d\\d', '%z'),
  part(' (?:UTC|GMT)', ' %Z'),
  part('Z', '%Z'),
];

/** Finds a time that begins at this place of the line; undefined: there is none. */
export function timeAt(text: string, start: number): FoundTime | undefined {
  const first = text[start] ?? '';
  if (!/[0-9A-Z]/.test(first)) return undefined;
  return (
    wholeAt(ISO, text, start) ??
    YEAR_LAST.map((part) => wholeAt(part, text, start)).find((found) => found !== undefined) ??
    composedAt(text, start) ??
    wholeAt(EPOCH, text, start)
  );
}

/** A part that is a time, and does not go on in a number or a word. */
function wholeAt({ pattern, expression, format }: Part, text: string, start: number): FoundTime | undefined {
  const end = endOf(pattern, text, start);
  if (end === undefined || /[0-9A-Za-z]/.test(text[end] ?? '')) return undefined;
  const written = timeExpressionOf(text.slice(start, end));
  const isAuto = format === '';
  return {
    start,
    end,
    // Some loggers leave out a fraction of nothing.
    expression: isAuto ? written.replace(/(?:\\\.|,)\\d\+/, '(?:$&)?') : written,
    looseExpression: withoutNames(expression),
    format: isAuto ? undefined : format,
    others: [],
  };
}

/** A date with a clock, and what may follow it. */
function composedAt(text: string, start: number): FoundTime | undefined {
  for (const date of DATES) {
    const dateEnd = endOf(date.pattern, text, start);
    if (dateEnd === undefined) continue;
    const between = partAt(BETWEEN, text, dateEnd);
    if (between === undefined) continue;
    const clock = partAt(CLOCKS, text, between.end);
    if (clock === undefined) continue;
    const fraction = partAt(FRACTIONS, text, clock.end);
    const zone = partAt(ZONES, text, (fraction ?? clock).end);
    const { end } = zone ?? fraction ?? clock;
    if (/[0-9A-Za-z]/.test(text[end] ?? '')) continue;
    const rest = [between, clock, fraction, zone].filter((part) => part !== undefined);
    const behind = rest.map(({ part, text }) => (part.format === '' ? text : part.format)).join('');
    const expressions = rest.map(({ part, text }) => (part.format === '' ? text : part.expression));
    return {
      start,
      end,
      expression: timeExpressionOf(text.slice(start, end)),
      looseExpression: withoutNames([date.expression, ...expressions].join('')),
      format: `${date.format}${behind}`,
      others: (date.others ?? []).map((format) => `${format}${behind}`),
    };
  }
  return undefined;
}

function withoutNames(expression: string): string {
  return expression.replaceAll(MONTH, TIME_NAME).replaceAll(WEEKDAY, TIME_NAME);
}

interface PartAt {
  readonly part: Part;
  readonly text: string;
  readonly end: number;
}

function partAt(parts: readonly Part[], text: string, at: number): PartAt | undefined {
  for (const part of parts) {
    const end = endOf(part.pattern, text, at);
    if (end !== undefined) return { part, text: text.slice(at, end), end };
  }
  return undefined;
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
