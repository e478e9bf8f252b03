import * as v from 'valibot';
import {
  described,
  duration,
  type Infer,
  integer,
  object,
  optionalChoice,
  optionalInteger,
  optionalText,
} from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Grouping } from '../../framing/framings.ts';
import { JUDGES, LANGUAGES } from '../../framing/multiline/languages.ts';
import { createCountJudge, createPatternJudge, type LinePattern } from '../../framing/multiline/patterns.ts';
import { compileLinePattern } from './line-pattern.ts';

const rules = object({
  language: optionalChoice(LANGUAGES, {
    doc: 'The language whose stack traces are put together with the line that was logged.',
    example: 'java',
  }),
  preamble: optionalText({
    doc: 'A regular expression for lines that may stand before the first line of a record, and belong to it, such as `# Time:` in a slow log of MySQL. It needs `start`.',
    example: "'^# Time: '",
  }),
  start: optionalText({
    doc: 'A regular expression for the first line of a record, as the stage `regex` takes them. Look-ahead is possible at its beginning, as in `^(?!\\s)`. Lines before the first one are records of their own.',
    example: "'^\\d{4}-'",
  }),
  end: optionalText({
    doc: 'A regular expression for the last line of a record.',
    example: "';$'",
  }),
  continuation: optionalText({
    doc: 'A regular expression for lines that belong to the one before them.',
    example: "'^\\s'",
  }),
  count: optionalInteger({ doc: 'How many lines make a record.', example: '2', min: 1, max: 10_000 }),
  max_lines: integer({
    doc: 'The most lines of a record. It is cut there, marked and counted, and the rest of the group is passed over.',
    default: 2000,
    min: 1,
    max: 10_000,
  }),
  flush_after: duration({
    doc: 'How long the last record of a file waits for another line, once the file is read to its end. Lines that come later are a record of their own, marked as continuation.',
    default: '1s',
    min: '10ms',
  }),
});

/** How lines are put together, checked. */
export type MultilineOptions = Infer<typeof rules>;

const language = v.pipe(
  v.picklist(LANGUAGES),
  v.transform((language): MultilineOptions => v.parse(rules, { language })),
);

/** The option `multiline`: a language, or rules of one's own. */
export const multilineOption = v.optional(
  described(
    v.union([language, rules], `expected one of ${LANGUAGES.join(', ')}, or a map of rules`),
    'language or map',
    {
      doc: `Which lines make one record: by the stack traces of a language (${LANGUAGES.map((word) => `\`${word}\``).join(', ')}), or by rules. Without it each line is one.`,
      example: 'java',
    },
  ),
);

const PATTERNS = ['preamble', 'start', 'end', 'continuation'] as const;

/** What is wrong with the rules that their types cannot say. */
export function multilineErrors(options: MultilineOptions | undefined): ConfigError[] {
  if (options === undefined) return [];
  const path = ['multiline'];
  const hasPatterns = PATTERNS.some((key) => options[key] !== undefined);
  const kinds = [options.language !== undefined, options.count !== undefined, hasPatterns].filter(Boolean);
  const errors = PATTERNS.flatMap((key) => patternErrors(key, options[key]));
  if (kinds.length !== 1) {
    const message =
      kinds.length === 0
        ? 'Cannot put lines together: no rule says which'
        : 'Cannot put lines together: "language", "count" and patterns exclude each other';
    const hint = 'Give a language, or a count, or at least one of start, end and continuation';
    errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }));
  }
  if (options.preamble !== undefined && options.start === undefined) {
    const message = 'Cannot put lines together: "preamble" is what may stand before "start", which is missing';
    errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['multiline', 'preamble'], message }));
  }
  return errors;
}

function patternErrors(key: string, pattern: string | undefined): ConfigError[] {
  const compiled = pattern === undefined ? undefined : compileLinePattern(pattern);
  if (compiled === undefined || !('problem' in compiled)) return [];
  const message = `Cannot compile pattern ${JSON.stringify(pattern)}: ${compiled.problem}`;
  return [new ConfigError({ code: 'ERR_CONFIG_PATTERN', path: ['multiline', key], message, hint: compiled.hint })];
}

function compilePattern(pattern: string): LinePattern {
  const compiled = compileLinePattern(pattern);
  if ('problem' in compiled) throw new SyntaxError(`Cannot compile pattern: ${compiled.problem}`);
  return compiled;
}

/** The grouping that the rules ask for, which `multilineErrors()` found nothing wrong with. */
export function createGrouping(options: MultilineOptions): Grouping {
  const { language, count, max_lines: maxLines, flush_after: waitMs } = options;
  if (language !== undefined) return { judge: JUDGES[language], maxLines, waitMs };
  if (count !== undefined) return { judge: createCountJudge(count), maxLines: Math.max(maxLines, count), waitMs };
  const [preamble, start, end, continuation] = PATTERNS.map((key) =>
    options[key] === undefined ? undefined : compilePattern(options[key]),
  );
  return { judge: createPatternJudge({ preamble, start, end, continuation }), maxLines, waitMs };
}
