/** What a corpus says of one record. */
export interface ExpectedRecord {
  /** Where its first line begins in the file, in bytes. */
  readonly offset: number;
  /** The time in UTC without the `Z`, as exact as the corpus has it; without a year where the line has none: `-12-10T06:55:46`. */
  readonly time?: string | undefined;
  /** The level, as the corpus calls it. */
  readonly level?: string | undefined;
  /** All else, by the names of the corpus. */
  readonly fields: ReadonlyMap<string, string>;
}

/** A value of JSON as text to compare: that of a list is its elements. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return JSON.stringify(value);
}

/** A JSON object; fails on anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('Expected an object');
  return { ...value };
}

/** A JSON array; fails on anything else. */
export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('Expected a list');
  return value;
}

/** `2026-01-02T03:04:05.6Z` and `2026-01-02T04:04:05.600+01:00` without trailing zeros and zone. */
export function utcTime(text: string): string {
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?/.exec(new Date(text).toISOString()) ?? [];
  const digits = (/[.,](\d+)/.exec(text)?.[1] ?? fraction).replace(/0+$/, '');
  return digits === '' ? seconds : `${seconds}.${digits}`;
}
