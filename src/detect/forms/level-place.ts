/** Where the level stands behind the time. */
export interface LevelPlace {
  /** Words between the two. */
  readonly wordsBetween: number;
  /** The levels that were seen, as they are written. */
  readonly levels: readonly string[];
  /** What stands right before the level, and right behind it; undefined: it differs. */
  readonly opening: string | undefined;
  readonly closing: string | undefined;
  /** Whether bars separate the words up to the level. */
  readonly hasBars: boolean;
}

const MAX_WORDS_BETWEEN = 6;
/** The share of lines whose level stands at the same place. */
const MIN_SHARE = 0.5;
/** The same for levels of one letter, which are easily something else. */
const MIN_LETTER_SHARE = 0.9;

const SEPARATORS = /[\s|]+/;
const LEVEL_WORD =
  /^(?:trace|debug|info|information|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|emergency|panic|severe|config|fine|finer|finest|verbose|dbg|inf|wrn|trc|ftl|log|fail|dbug|trce)$/i;
/** Words that say nothing but a level, also in small letters. */
const PLAIN_LEVEL_WORD = /^(?:debug|info|warn|warning|error|trace)$/i;
const LEVEL_LETTER = /^[VTDIWEFC]$/;
const CAPITALS = /^[A-Z]+$/;
const WORD = /^([[(<"'*{]*)([A-Za-z]+)([\])>"'*}:,;.-]*)$/;

/** The words of one place, as far as they are levels. */
interface Place {
  readonly wordsBetween: number;
  readonly isLetter: boolean;
  lines: number;
  readonly levels: Set<string>;
  readonly openings: Set<string>;
  readonly closings: Set<string>;
}

/** Where levels stand in what follows the times of lines; undefined: at no place that most lines share. */
export function levelPlaceIn(rests: readonly string[]): LevelPlace | undefined {
  const places = new Map<string, Place>();
  for (const rest of rests) addLevels(rest, places);
  const [best] = [...places.values()]
    .filter(({ lines, isLetter }) => lines >= (isLetter ? MIN_LETTER_SHARE : MIN_SHARE) * rests.length)
    .sort((a, b) => b.lines - a.lines || a.wordsBetween - b.wordsBetween);
  if (best === undefined) return undefined;
  const { wordsBetween, levels, openings, closings } = best;
  const hasBars = rests.some((rest) =>
    rest
      .split(/\s+/, wordsBetween + 2)
      .join(' ')
      .includes('|'),
  );
  return { wordsBetween, levels: [...levels], opening: only(openings), closing: only(closings), hasBars };
}

function addLevels(rest: string, places: Map<string, Place>): void {
  const words = rest.replace(/^[^A-Za-z0-9[(<"'*{]+/, '').split(SEPARATORS, MAX_WORDS_BETWEEN + 1);
  for (const [wordsBetween, word] of words.entries()) {
    const [, opening = '', inner = '', closing = ''] = WORD.exec(word) ?? [];
    if (!isLevel(inner, word)) continue;
    const isLetter = inner.length === 1;
    const key = `${wordsBetween} ${isLetter}`;
    const none = () => new Set<string>();
    const place = places.get(key) ?? {
      ...{ wordsBetween, isLetter, lines: 0 },
      ...{ levels: none(), openings: none(), closings: none() },
    };
    place.lines++;
    place.levels.add(inner);
    place.openings.add(opening);
    place.closings.add(closing);
    places.set(key, place);
    // What follows is the message, which may be about levels.
    if (!isLetter) return;
  }
}

/** Without brackets around it, or capitals, only few words are a sign of a level: others begin sentences. */
function isLevel(inner: string, word: string): boolean {
  if (LEVEL_LETTER.test(inner)) return true;
  if (!LEVEL_WORD.test(inner)) return false;
  return word !== inner || CAPITALS.test(inner) || PLAIN_LEVEL_WORD.test(inner);
}

function only(texts: ReadonlySet<string>): string | undefined {
  const [first, second] = texts;
  return second === undefined ? first : undefined;
}
