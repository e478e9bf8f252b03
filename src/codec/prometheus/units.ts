/** Units of UCUM, as OTLP has them, and the words that Prometheus' names have for them. */
const WORDS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
};

/** The words behind `per`. */
const PER_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

const UNITS = new Map(Object.entries(WORDS).map(([unit, word]) => [word, unit]));
const PER_UNITS = new Map(Object.entries(PER_WORDS).map(([unit, word]) => [word, unit]));

/** A unit in the words of a name: `{ main: 'meters', per: 'second' }`; empty: none. */
export interface UnitWords {
  readonly main: string;
  readonly per: string;
}

/** The words for a unit of UCUM. What stands in braces is an annotation and is dropped; `1` has no word. */
export function unitWords(unit: string): UnitWords {
  const plain = unit.replaceAll(/\{[^{}]*\}/g, '').trim();
  const slash = plain.indexOf('/');
  const main = slash < 0 ? plain : plain.slice(0, slash);
  const per = slash < 0 ? '' : plain.slice(slash + 1);
  return { main: main === '1' ? '' : wordOf(main, WORDS), per: wordOf(per, PER_WORDS) };
}

/** The same as one word: `meters_per_second`, `seconds`, or nothing. */
export function unitWord(unit: string): string {
  const { main, per } = unitWords(unit);
  return [main, per && `per_${per}`].filter((word) => word !== '').join('_');
}

/** The unit of UCUM for the words that an exposition has for it; what is not known stays as it is. */
export function unitOfWord(word: string): string {
  const at = word.indexOf('per_');
  if (at !== 0 && word[at - 1] !== '_') return UNITS.get(word) ?? word;
  const main = word.slice(0, Math.max(at - 1, 0));
  const per = word.slice(at + 4);
  const unit = PER_UNITS.get(per);
  return unit === undefined ? word : `${UNITS.get(main) ?? main}/${unit}`;
}

function wordOf(unit: string, words: Readonly<Record<string, string>>): string {
  const trimmed = unit.trim();
  if (Object.hasOwn(words, trimmed)) return words[trimmed]!;
  return trimmed.replaceAll(/[^a-zA-Z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '');
}
