import { type FoundTime, timeAt } from './time-shapes.ts';

/** How lines of text begin that have a time: what most of them have in common. */
export interface LineShape {
  /** Words before the time. */
  readonly wordsBefore: number;
  /** Brackets and quotes right before it. */
  readonly opening: string;
  readonly time: FoundTime;
  /** Words between the time and the level; undefined: no level was found. */
  readonly wordsBetween: number | undefined;
  /** How the levels are written: as all of them are, and whether each line has one. */
  readonly levels: readonly string[];
  readonly hasAllLevels: boolean;
  /** The share of the lines that have this time. */
  readonly share: number;
}

/** How far into a line a time is looked for. */
const MAX_TIME_START = 160;
const MAX_WORDS_BEFORE = 8;
const MAX_WORDS_BETWEEN = 6;
/** The share of lines that have their time, or their level, at the same place. */
const MIN_SHARE = 0.5;
/** The same for levels of one letter, which are easily something else. */
const MIN_LETTER_SHARE = 0.9;

/** Where a word may begin: at the start, behind blanks, and behind what opens brackets or separates fields. */
const WORD_STARTS = /(?:^|[\s|])(["'([{<]{0,2})/g;

/** What separates words behind the time. */
const SEPARATORS = /[\s|]+/;

const LEVEL_WORDS =
  /^(?:trace|debug|info|information|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|emergency|panic|severe|config|fine|finer|finest|verbose|dbg|inf|wrn|trc|ftl|log|fail|dbug|trce)$/i;
const LEVEL_LETTER = /^[VTDIWEFC]$/;
/** Levels that are words of any sentence count where they are written as a level only. */
const CAPITALS = /^[A-Z]+$/;

/** The levels of one place between words. */
interface LevelPlace {
  words: number;
  lines: number;
  readonly levels: Set<string>;
  isLetter: boolean;
}

/** How these lines begin; undefined: fewer than half of them have a time at the same place. */
export function shapeOf(texts: readonly string[]): LineShape | undefined {
  const kinds = new Map<string, { count: number; shape: TimePlace; rests: string[] }>();
  for (const text of texts) {
    const place = timePlaceIn(text);
    if (place === undefined) continue;
    const key = `${place.wordsBefore} ${place.opening} ${place.time.format ?? place.time.expression}`;
    const kind = kinds.get(key) ?? { count: 0, shape: place, rests: [] };
    kind.count++;
    kind.rests.push(text.slice(place.time.end, place.time.end + MAX_TIME_START));
    kinds.set(key, kind);
  }
  const [best] = [...kinds.values()].sort((a, b) => b.count - a.count);
  if (best === undefined || best.count < MIN_SHARE * texts.length) return undefined;
  const level = levelPlaceIn(best.rests);
  return {
    ...best.shape,
    wordsBetween: level?.words,
    levels: level === undefined ? [] : [...level.levels],
    hasAllLevels: level?.lines === best.rests.length,
    share: best.count / texts.length,
  };
}

type TimePlace = Pick<LineShape, 'wordsBefore' | 'opening' | 'time'>;

/** The first time of a line. */
function timePlaceIn(text: string): TimePlace | undefined {
  const head = text.slice(0, MAX_TIME_START);
  let wordsBefore = 0;
  for (const match of head.matchAll(WORD_STARTS)) {
    const opening = match[1] ?? '';
    const start = match.index + match[0].length;
    const isWord = start < head.length && !/[\s|]/.test(head[start]!);
    if (!isWord) continue;
    const time = timeAt(text, start);
    if (time !== undefined) return { wordsBefore, opening, time };
    if (++wordsBefore > MAX_WORDS_BEFORE) return undefined;
  }
  return undefined;
}

/** Where levels stand behind the time. */
function levelPlaceIn(rests: readonly string[]): LevelPlace | undefined {
  const places = new Map<string, LevelPlace>();
  for (const rest of rests) {
    const words = rest.split(SEPARATORS, MAX_WORDS_BETWEEN + 2);
    // What closes the brackets of the time is no word.
    if (/^[^A-Za-z0-9]*$/.test(words[0] ?? '')) words.shift();
    for (const [index, word] of words.entries()) {
      const level = levelOf(word);
      if (level === undefined) continue;
      const isLetter = level.length === 1;
      const key = `${index} ${isLetter}`;
      const place = places.get(key) ?? { words: index, lines: 0, levels: new Set<string>(), isLetter };
      place.lines++;
      place.levels.add(level);
      places.set(key, place);
      if (!isLetter) break;
    }
  }
  const fits = ({ lines, isLetter }: LevelPlace): boolean =>
    lines >= (isLetter ? MIN_LETTER_SHARE : MIN_SHARE) * rests.length;
  return [...places.values()].filter(fits).sort((a, b) => b.lines - a.lines || a.words - b.words)[0];
}

/** The level that a word is, without what stands around it. */
function levelOf(word: string): string | undefined {
  const inner = /^[[(<"'*{]*([A-Za-z]+)[\])>"'*}:,;.-]*$/.exec(word)?.[1];
  if (inner === undefined) return undefined;
  if (LEVEL_LETTER.test(inner)) return inner;
  if (!LEVEL_WORDS.test(inner)) return undefined;
  // A sentence may begin with `Fine` or hold `fail`: without brackets small letters are no sign of a level.
  const isMarked = word !== inner || CAPITALS.test(inner);
  return isMarked || /^(?:debug|info|warn|warning|error|trace)$/i.test(inner) ? inner : undefined;
}
