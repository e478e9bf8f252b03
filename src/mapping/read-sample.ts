import type { Scale } from '../component/scale.ts';
import { numberOf } from './cast.ts';
import { isObject, type Json } from './json.ts';
import type { DropReason, MappedType } from './metric-mapping.ts';
import type { Scope, ValueReader } from './reader.ts';
import type { Sample } from './series-table.ts';

/** A sample, or why there is none. */
export type SampleResult = Sample | { readonly kind: 'none'; readonly reason: DropReason };

const MISSING = { kind: 'none', reason: 'missing' } as const;
const NOT_NUMBER = { kind: 'none', reason: 'not_number' } as const;
const NEGATIVE = { kind: 'none', reason: 'negative' } as const;

/** Reads a sample of one number. */
export function readNumber(read: ValueReader, scope: Scope, type: MappedType, scale: Scale): SampleResult {
  const found = read(scope) ?? null;
  if (found === null) return MISSING;
  const value = numberOf(found);
  if (value === undefined) return NOT_NUMBER;
  if (value < 0 && type === 'counter') return NEGATIVE;
  const scaled = scale.of(value);
  return Number.isFinite(scaled) ? { kind: 'number', value: scaled } : NOT_NUMBER;
}

/** Where the parts of a histogram are. */
export interface HistogramReaders {
  readonly count: ValueReader | undefined;
  readonly sum: ValueReader | undefined;
  readonly buckets: ValueReader | undefined;
  readonly areCumulative: boolean;
}

/** A histogram needs no more buckets than this; what has more is something else. */
const MAX_BUCKETS = 1000;

/** Reads a histogram: its buckets, or without any how many measurements there were and their sum. */
export function readHistogram(readers: HistogramReaders, scope: Scope, scale: Scale): SampleResult {
  const written = readers.count?.(scope) ?? null;
  const total = written === null ? undefined : countOf(written);
  if (written !== null && total === undefined) return NOT_NUMBER;
  const sum = sumOf(readers.sum?.(scope) ?? null, scale);
  if (readers.buckets === undefined) {
    if (total === undefined) return MISSING;
    return total < 0 ? NEGATIVE : { kind: 'histogram', bounds: [], counts: [total], count: total, sum };
  }
  const found = readers.buckets(scope) ?? null;
  if (found === null) return MISSING;
  const buckets = bucketsOf(found, scale);
  if (buckets === undefined) return NOT_NUMBER;
  const counts = readers.areCumulative ? differences(buckets.map(([, count]) => count)) : buckets.map(([, n]) => n);
  const bounds = buckets.map(([bound]) => bound);
  const counted = counts.reduce((before, count) => before + count, 0);
  if (bounds.at(-1) === Number.POSITIVE_INFINITY) bounds.pop();
  else counts.push(Math.max(0, (total ?? counted) - counted));
  if (counts.some((count) => count < 0)) return NEGATIVE;
  // What the buckets hold is what can be shown: a count that differs from it would break the rules of every format.
  const count = counts.reduce((before, one) => before + one, 0);
  return { kind: 'histogram', bounds, counts, count, sum };
}

/** How many there were: a whole number, as every format needs it; undefined: it is none. */
function countOf(value: Json): number | undefined {
  const count = numberOf(value);
  return count !== undefined && Number.isSafeInteger(count) ? count : undefined;
}

/** A sum that is below zero can shrink, and means nothing to whoever makes rates of it. */
function sumOf(written: Json, scale: Scale): number | undefined {
  const sum = written === null ? undefined : numberOf(written);
  return sum === undefined || sum < 0 ? undefined : scale.of(sum);
}

/** Upper bounds in order, each with its count; undefined: there is something else among them. */
function bucketsOf(found: Json, scale: Scale): [bound: number, count: number][] | undefined {
  if (!isObject(found)) return undefined;
  const entries = Object.entries(found);
  if (entries.length === 0 || entries.length > MAX_BUCKETS) return undefined;
  const buckets: [number, number][] = [];
  for (const [key, value] of entries) {
    const bound = /^\+?inf(?:inity)?$/i.test(key.trim()) ? Number.POSITIVE_INFINITY : scaled(key, scale);
    const count = countOf(value);
    if (bound === undefined || count === undefined) return undefined;
    buckets.push([bound, count]);
  }
  buckets.sort(([a], [b]) => a - b);
  const isRepeated = buckets.some(([bound], i) => i > 0 && bound === buckets[i - 1]?.[0]);
  return isRepeated ? undefined : buckets;
}

function scaled(text: string, scale: Scale): number | undefined {
  const number = numberOf(text);
  return number === undefined ? undefined : scale.of(number);
}

function differences(counts: readonly number[]): number[] {
  return counts.map((count, i) => count - (counts[i - 1] ?? 0));
}
