import { type LevelPlace, levelPlaceIn } from './level-place.ts';
import { type FoundTime, timeAt } from './time-shapes.ts';

/** How lines of text begin that have a time: what most of them have in common. */
export interface LineShape {
  /** Words before the time. */
  readonly wordsBefore: number;
  /** Brackets and quotes right before it. */
  readonly opening: string;
  /** The time as the stage `regex` finds it. */
  readonly timeExpression: string;
  readonly time: FoundTime;
  /** What stands right behind the time, up to the next word; undefined: it differs. */
  readonly behind: string | undefined;
  /** Where the level stands; undefined: there is none at a place of its own. */
  readonly level: LevelPlace | undefined;
}

/** How far into a line a time is looked for, and how much behind it is looked at. */
const MAX_TIME_START = 160;
const MAX_REST = 160;
const MAX_WORDS_BEFORE = 8;
/** The share of lines that have their time at the same place. */
const MIN_SHARE = 0.5;

/** Where a word may begin: at the start, behind blanks and bars, with what opens brackets and quotes. */
const WORD_STARTS = /(?:^|[\s|])(["'([{<]{0,2})/g;

type TimePlace = Pick<LineShape, 'wordsBefore' | 'opening' | 'time'>;

/** Lines whose time is alike, at the same place. */
interface Kind {
  readonly place: TimePlace;
  readonly expressions: Set<string>;
  readonly rests: string[];
}

/** How these lines begin; undefined: fewer of them than that share have a time at the same place. */
export function shapeOf(texts: readonly string[], minShare = MIN_SHARE): LineShape | undefined {
  const kinds = new Map<string, Kind>();
  for (const text of texts) {
    const place = timePlaceIn(text);
    if (place === undefined) continue;
    const { wordsBefore, opening, time } = place;
    const key = `${wordsBefore} ${opening} ${time.format ?? time.looseExpression}`;
    const kind = kinds.get(key) ?? { place, expressions: new Set<string>(), rests: [] };
    kind.expressions.add(time.expression);
    kind.rests.push(/^[^\r\n]*/.exec(text.slice(time.end, time.end + MAX_REST))![0]);
    kinds.set(key, kind);
  }
  const [best] = [...kinds.values()].sort((a, b) => b.rests.length - a.rests.length);
  if (best === undefined || best.rests.length < minShare * texts.length) return undefined;
  const { place, expressions, rests } = best;
  const [expression] = expressions;
  return {
    ...place,
    timeExpression: expressions.size === 1 ? expression! : place.time.looseExpression,
    behind: commonText(rests.map((rest) => /^[^A-Za-z0-9]*/.exec(rest)![0])),
    level: levelPlaceIn(rests),
  };
}

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

/** The text that all of these are; undefined: they differ. */
export function commonText(texts: readonly string[]): string | undefined {
  const [first] = texts;
  return texts.every((text) => text === first) ? first : undefined;
}
