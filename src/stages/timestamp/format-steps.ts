import { MONTH_NAMES, type TimeNames, WEEKDAY_NAMES } from '../../bytes/time-names.ts';
import { ConfigError } from '../../core/errors.ts';

/** What a step of a format reads. */
export const Field = {
  Year: 0,
  YearOfCentury: 1,
  Month: 2,
  Day: 3,
  Hour: 4,
  Hour12: 5,
  IsAfternoon: 6,
  Minute: 7,
  Second: 8,
  Nanos: 9,
  Offset: 10,
  UnixSeconds: 11,
  /** Nothing that counts. */
  None: 12,
} as const;

/** One of the fields. */
export type Field = (typeof Field)[keyof typeof Field];
/** How many fields there are. */
export const FIELD_COUNT = 13;

/** What must come next in a text. */
export const StepKind = {
  /** The byte `min`. */
  Literal: 0,
  /** One blank or tab, or more. */
  Blanks: 1,
  /** `minDigits` to `maxDigits` digits, as a number from `min` to `max`. */
  Number: 2,
  /** The same, behind blanks or none: a day below 10 may be written with a blank before it. */
  Day: 3,
  /** Up to `maxDigits` digits, beyond 32 bits. */
  UnixSeconds: 4,
  /** One of `names`. */
  Name: 5,
  /** `AM` or `PM`. */
  Meridiem: 6,
  /** Digits of a fraction of a second. */
  Fraction: 7,
  /** An offset from UTC. */
  Offset: 8,
  /** The abbreviation of a zone, or an offset. */
  ZoneName: 9,
} as const;

/** One of the kinds. */
export type StepKind = (typeof StepKind)[keyof typeof StepKind];

/** One thing that must come next in the text. All steps have all members, so that reading one is the same for each. */
export interface FormatStep {
  readonly kind: StepKind;
  /** Where the value goes. */
  readonly field: Field;
  readonly minDigits: number;
  readonly maxDigits: number;
  readonly min: number;
  readonly max: number;
  readonly names: TimeNames;
}

function step(kind: StepKind, field: Field, rest: Partial<FormatStep> = {}): FormatStep {
  return { kind, field, minDigits: 1, maxDigits: 2, min: 0, max: 0, names: MONTH_NAMES, ...rest };
}

const number = (field: Field, min: number, max: number): FormatStep => step(StepKind.Number, field, { min, max });
const literal = (byte: number): FormatStep => step(StepKind.Literal, Field.None, { min: byte });

const MONTH_NAME = step(StepKind.Name, Field.Month);
const WEEKDAY_NAME = step(StepKind.Name, Field.None, { names: WEEKDAY_NAMES });
const FRACTION = step(StepKind.Fraction, Field.Nanos);
const DAY = step(StepKind.Day, Field.Day, { min: 1, max: 31 });

/** The directives that read one thing, by their letter. */
const DIRECTIVES: Readonly<Record<string, FormatStep>> = {
  Y: step(StepKind.Number, Field.Year, { minDigits: 4, maxDigits: 4, max: 9999 }),
  y: step(StepKind.Number, Field.YearOfCentury, { minDigits: 2, max: 99 }),
  m: number(Field.Month, 1, 12),
  b: MONTH_NAME,
  B: MONTH_NAME,
  d: DAY,
  e: DAY,
  a: WEEKDAY_NAME,
  A: WEEKDAY_NAME,
  H: number(Field.Hour, 0, 23),
  I: number(Field.Hour12, 1, 12),
  p: step(StepKind.Meridiem, Field.IsAfternoon),
  M: number(Field.Minute, 0, 59),
  S: number(Field.Second, 0, 60),
  f: FRACTION,
  L: FRACTION,
  z: step(StepKind.Offset, Field.Offset),
  Z: step(StepKind.ZoneName, Field.Offset),
  s: step(StepKind.UnixSeconds, Field.UnixSeconds, { maxDigits: 11 }),
  '%': literal(0x25),
};

/** The directives that stand for others. */
const ABBREVIATIONS: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S' };

const KNOWN = [...Object.keys(DIRECTIVES), ...Object.keys(ABBREVIATIONS)].map((letter) => `%${letter}`).join(' ');

/** The steps of a format such as `%d/%b/%Y:%H:%M:%S %z`, or what is wrong with it. */
export function parseFormat(format: string): readonly FormatStep[] | ConfigError {
  const steps: FormatStep[] = [];
  const expanded = format.replace(/%(.)/gsu, (pair, letter: string) => ABBREVIATIONS[letter] ?? pair);
  for (const [piece] of expanded.matchAll(/%.?|[ \t]+|./gsu)) {
    if (piece.startsWith('%')) {
      const directive = DIRECTIVES[piece.slice(1)];
      if (directive === undefined) return unusable(format, `${JSON.stringify(piece)} is unknown`, `Known: ${KNOWN}`);
      steps.push(directive);
    } else if (piece.startsWith(' ') || piece.startsWith('\t')) {
      steps.push(step(StepKind.Blanks, Field.None));
    } else {
      steps.push(...[...Buffer.from(piece)].map(literal));
    }
  }
  return missingPart(format, new Set(steps.map(({ field }) => field))) ?? steps;
}

const DATE_FIELDS = [Field.Year, Field.YearOfCentury, Field.Month, Field.Day];

function missingPart(format: string, has: ReadonlySet<Field>): ConfigError | undefined {
  const hasDate = has.has(Field.Month) && has.has(Field.Day);
  const isTimeOfDay = !DATE_FIELDS.some((field) => has.has(field)) && (has.has(Field.Hour) || has.has(Field.Hour12));
  if (!hasDate && !isTimeOfDay && !has.has(Field.UnixSeconds)) {
    const hint = 'A format needs a month (%m or %b) and a day (%d), or no part of a date but an hour (%H), or %s';
    return unusable(format, 'it names no day', hint);
  }
  if (has.has(Field.Hour12) !== has.has(Field.IsAfternoon)) {
    return unusable(format, '%I and %p need each other', 'Use %I with %p, or %H');
  }
  return undefined;
}

function unusable(format: string, reason: string, hint: string): ConfigError {
  return new ConfigError({
    code: 'ERR_CONFIG_PATTERN',
    path: ['format'],
    message: `Cannot use time format ${JSON.stringify(format)}: ${reason}`,
    hint,
  });
}
