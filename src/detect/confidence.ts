/** How sure a statement is, in words. */
export const CONFIDENCES = ['high', 'medium', 'low'] as const;

/** How sure a statement is. */
export interface Confidence {
  readonly level: (typeof CONFIDENCES)[number];
  /** From 0 to 1. */
  readonly value: number;
}

/** From where on a value is called so; below the last one nothing is said at all. */
const LEAST = { high: 0.9, medium: 0.45, low: 0.15 } as const;

/** The part of the first that may lie between it and the second: with less the two are hard to tell apart. */
const CLEAR_DISTANCE = 0.5;
/** What is left of the confidence in one of two that are met equally. */
const TIED = 0.5;

/**
 * How sure it is that records are of a form when so many of them fit. `rival`: the share of them that fits the next best
 * form, as good an answer. Undefined: not sure enough to say.
 *
 * Ten lines that all fit say more than two: what counts is the lower end of the Wilson interval of the share, with a
 * standard deviation of one, which is 0.50 for one line of one, 0.83 for five of five, 0.91 for ten of ten.
 */
export function confidenceOf(fitting: number, records: number, { rival = 0, most = 1 } = {}): Confidence | undefined {
  if (fitting === 0 || records === 0) return undefined;
  const share = fitting / records;
  const distance = Math.max(0, share - rival) / share;
  const clarity = TIED + (1 - TIED) * Math.min(1, distance / CLEAR_DISTANCE);
  const value = Math.min(most, wilsonLowerBound(fitting, records) * clarity);
  const level = CONFIDENCES.find((level) => value >= LEAST[level]);
  return level === undefined ? undefined : { level, value: Math.round(100 * value) / 100 };
}

function wilsonLowerBound(fitting: number, records: number): number {
  const share = fitting / records;
  const spread = Math.sqrt((share * (1 - share)) / records + 1 / (4 * records * records));
  return (share + 1 / (2 * records) - spread) / (1 + 1 / records);
}
