import type { Form, FormTools, Proposal } from './form.ts';
import { type LineShape, shapeOf } from './text-lines.ts';

/** Without a level a time alone says little of what a line is. */
const MOST_WITHOUT_LEVEL = 0.8;
/** Day and month, or year and day, cannot be told apart. */
const MOST_AMBIGUOUS = 0.6;

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'NOTICE', 'WARN', 'WARNING', 'ERROR', 'FATAL', 'CRITICAL'];

/** Lines of text with a time, and maybe a level, at the same place of each. */
export const textForm: Form = {
  name: 'text',
  summary: 'lines of text with a time',
  needs: ['regex', 'timestamp', 'severity', 'body'],
  propose({ sample, run }: FormTools): Proposal | undefined {
    const shape = shapeOf(sample.texts);
    if (shape === undefined) return undefined;
    const { time, wordsBetween } = shape;
    // The format that reads most of the times is the right one.
    const formats = [time.format, ...time.others].map((format) => {
      const stages = stagesFor(shape, format);
      return { format, stages, timed: run(stages)?.timed ?? 0 };
    });
    const [best, next] = formats.sort((a, b) => b.timed - a.timed);
    if (best === undefined || best.timed === 0) return undefined;
    const isAmbiguous = next !== undefined && next.timed === best.timed;
    const most = isAmbiguous ? MOST_AMBIGUOUS : wordsBetween === undefined ? MOST_WITHOUT_LEVEL : 1;
    const level = wordsBetween === undefined ? '' : ' and a level';
    return { stages: best.stages, summary: `lines of text with a time${level}`, needsTime: true, most };
  },
};

function stagesFor(shape: LineShape, format: string | undefined): Proposal['stages'] {
  const { levels, wordsBetween, wordsBefore, hasAllLevels } = shape;
  const isWhole = wordsBefore === 0 && (wordsBetween ?? 0) === 0;
  const expressions = [expressionFor(shape, wordsBetween, isWhole)];
  // Lines without a level have a time all the same.
  if (wordsBetween !== undefined && !hasAllLevels) expressions.push(expressionFor(shape, undefined, isWhole));
  const stages: Record<string, unknown>[] = [
    { regex: expressions.length === 1 ? expressions[0] : expressions },
    { timestamp: format === undefined ? { field: 'time' } : { field: 'time', format } },
  ];
  if (wordsBetween !== undefined) {
    const letters = levels.every((level) => level.length === 1);
    stages.push({ severity: letters ? { field: 'level', map: { V: 'TRACE', C: 'FATAL' } } : { field: 'level' } });
  }
  // Only where nothing else stands before the message, so that nothing of the line gets lost.
  if (isWhole) stages.push({ body: { field: 'message' } });
  return stages;
}

function expressionFor(shape: LineShape, wordsBetween: number | undefined, isWhole: boolean): string {
  const { wordsBefore, opening, time, levels } = shape;
  const before = wordsBefore === 0 ? '' : repeated('\\S+\\s+', wordsBefore);
  const start = `^${before}${escaped(opening)}(?<time>${time.expression})[\\])}>"',;:|]*`;
  const end = isWhole ? '[\\s|]*(?:[:|-]\\s+)?(?<message>.*)$' : '';
  const flags = isWhole ? '(?s)' : '';
  if (wordsBetween === undefined) return `${flags}${start}${end}`;
  const between = wordsBetween === 0 ? '' : repeated('[^\\s|]+[\\s|]+', wordsBetween);
  const level = `[\\s|]*${between}[\\[(<"'*{]*(?<level>${levelExpression(levels)})`;
  return `${flags}${start}${level}${isWhole ? `[\\])>"'*}:,;.-]*${end}` : '\\b'}`;
}

/** Those that were seen, and those that are written like them. */
function levelExpression(levels: readonly string[]): string {
  if (levels.every((level) => level.length === 1)) return '[A-Z]';
  const written = levels.every((level) => level === level.toUpperCase())
    ? LEVELS
    : levels.every((level) => level === level.toLowerCase())
      ? LEVELS.map((level) => level.toLowerCase())
      : [];
  return [...new Set([...levels, ...written])].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).join('|');
}

function repeated(expression: string, count: number): string {
  return count === 1 ? expression : `(?:${expression}){${count}}`;
}

function escaped(text: string): string {
  return text.replace(/[[({]/g, '\\$&');
}
