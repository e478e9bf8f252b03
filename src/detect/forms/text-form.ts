import type { RecordBatch } from '../../core/record-batch.ts';
import type { Form, FormTools, Proposal, StageList } from './form.ts';
import type { LevelPlace } from './level-place.ts';
import { type LineShape, shapeOf } from './text-lines.ts';

/** Without a level a time alone says little of what a line is. */
const MOST_WITHOUT_LEVEL = 0.8;
/** Which of the numbers are day, month and year can only be guessed. */
const MOST_AMBIGUOUS = 0.7;

/** Levels that may come later, written as those that were seen. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'NOTICE', 'WARN', 'WARNING', 'ERROR', 'FATAL', 'CRITICAL'];

/** Anything that may stand behind a time or a level, where it differs. */
const CLOSING = '[\\])}>"\',;:*.-]*';
const OPENING = '[\\[(<"\'*{]*';
const GAP = '[\\s|]*';
const MESSAGE = '(?:[:|-]\\s+)?(?<message>.*)$';

/** Lines of text with a time, and maybe a level, at the same place of each. */
export const textForm: Form = {
  name: 'text',
  needs: ['regex', 'timestamp', 'severity', 'body'],
  propose(tools: FormTools): Proposal | undefined {
    const shape = shapeOf(tools.sample.texts);
    if (shape === undefined) return undefined;
    const { time, level } = shape;
    const ways = [time.format, ...time.others].map((format) => wayOf(stagesFor(shape, format), tools));
    // The format that reads most of the times is the right one; of two, that whose times are nearer to now.
    const [best, next] = ways.sort((a, b) => b.timed - a.timed || a.distanceMs - b.distanceMs);
    if (best === undefined || best.timed === 0) return undefined;
    const isAmbiguous = next !== undefined && next.timed === best.timed;
    const most = Math.min(isAmbiguous ? MOST_AMBIGUOUS : 1, level === undefined ? MOST_WITHOUT_LEVEL : 1);
    const summary = `lines of text with a time${level === undefined ? '' : ' and a level'}`;
    return { stages: best.stages, summary, needsTime: true, most };
  },
};

interface Way {
  readonly stages: StageList;
  readonly timed: number;
  /** How far the times are from now, all together. */
  readonly distanceMs: number;
}

function wayOf(stages: StageList, { run, read }: FormTools): Way {
  const timed = run(stages)?.timed ?? 0;
  const batch = read(stages);
  return { stages, timed, distanceMs: batch === undefined ? 0 : distanceMs(batch) };
}

function distanceMs({ time, count, observedUnixMs }: RecordBatch): number {
  let distance = 0;
  for (let record = 0; record < count; record++) {
    const unixMs = (4_294_967_296 * time[2 * record + 1]! + time[2 * record]!) / 1e6;
    if (unixMs > 0) distance += Math.abs(observedUnixMs - unixMs);
  }
  return distance;
}

function stagesFor(shape: LineShape, format: string | undefined): StageList {
  const { level } = shape;
  // Only where nothing else stands before the message does it become the body: nothing of the line gets lost.
  const isWhole = shape.wordsBefore === 0 && (level === undefined || level.wordsBetween === 0);
  // A line without a level has a time all the same.
  const expressions = [...(level === undefined ? [] : [expressionFor(shape, level, isWhole)])];
  expressions.push(expressionFor(shape, undefined, isWhole));
  const stages: StageList[number][] = [
    { regex: expressions.length === 1 ? expressions[0] : expressions },
    { timestamp: format === undefined ? { field: 'time' } : { field: 'time', format } },
  ];
  if (level !== undefined) {
    const hasVerbose = level.levels.includes('V') || level.levels.every((word) => word.length === 1);
    stages.push({ severity: hasVerbose ? { field: 'level', map: { V: 'TRACE', C: 'FATAL' } } : { field: 'level' } });
  }
  if (isWhole) stages.push({ body: { field: 'message' } });
  return stages;
}

function expressionFor(shape: LineShape, level: LevelPlace | undefined, isWhole: boolean): string {
  const { wordsBefore, opening, timeExpression, behind } = shape;
  const start = `${isWhole ? '(?s)' : ''}^${repeated('\\S+ +', wordsBefore)}${escaped(opening)}(?<time>${timeExpression})`;
  if (level === undefined) return isWhole ? `${start}${CLOSING}${GAP}${MESSAGE}` : start;
  const { wordsBetween, levels, hasBars } = level;
  const gap = gapFor(behind, level, hasBars);
  const between = repeated(hasBars ? '[^\\s|]+[\\s|]+' : '\\S+ +', wordsBetween);
  const brackets = wordsBetween === 0 && behind !== undefined ? '' : level.opening;
  const before = brackets === undefined ? OPENING : escaped(brackets);
  const found = `${start}${gap}${between}${before}(?<level>${levelExpression(levels)})`;
  const closing = closingFor(shape, level);
  return isWhole ? `${found}${closing}${GAP}${MESSAGE}` : `${found}${closing === '' ? '\\b' : closing}`;
}

/** What stands right behind the level. */
function closingFor({ behind }: LineShape, { wordsBetween, opening, closing }: LevelPlace): string {
  if (closing === undefined) return CLOSING;
  const before = wordsBetween === 0 && behind !== undefined ? behind : (opening ?? '');
  // In brackets, levels may be padded with blanks: `[INFO ]`.
  return closing === '' && /[[({<]$/.test(before) ? ' *[\\])}>]' : escaped(closing);
}

/** What stands between the time and the next word. */
function gapFor(behind: string | undefined, { wordsBetween, opening }: LevelPlace, hasBars: boolean): string {
  if (behind === undefined) return `${CLOSING}${hasBars ? GAP : ' *'}`;
  // In front of other words, what opens them is part of them.
  const text = wordsBetween === 0 || opening === undefined ? behind : behind.replace(/[[(<"'*{]+$/, '');
  return escaped(text).replace(/ +/g, ' +');
}

/** Those that were seen, and those that are written like them. */
function levelExpression(levels: readonly string[]): string {
  if (levels.every((level) => level.length === 1)) return '[A-Z]';
  const isIn = (toCase: (level: string) => string): boolean => levels.every((level) => level === toCase(level));
  const others = isIn((level) => level.toUpperCase())
    ? LEVELS
    : isIn((level) => level.toLowerCase())
      ? LEVELS.map((level) => level.toLowerCase())
      : [];
  return [...new Set([...levels, ...others])].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).join('|');
}

function repeated(expression: string, count: number): string {
  if (count === 0) return '';
  return count === 1 ? expression : `(?:${expression}){${count}}`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
