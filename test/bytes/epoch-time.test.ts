import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EpochUnit, parseEpoch } from '../../src/bytes/epoch-time.ts';
import { ParsedTime } from '../../src/bytes/parsed-time.ts';

const { Seconds, Millis, Micros, Nanos, Auto } = EpochUnit;

/** Nanoseconds since 1970; undefined: refused. */
function parse(text: string, unit: EpochUnit): bigint | undefined {
  const time = new ParsedTime();
  // Digits on both sides show whether it looks beyond the span.
  const bytes = Buffer.from(`77${text}77`);
  if (!parseEpoch(bytes, 2, bytes.length - 2, unit, time)) return undefined;
  assert.equal(time.isLocal, false);
  return BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos);
}

const EXACT = 1_767_323_045_123_456_789n;

for (const { name, text, unit, expected } of [
  { name: 'reads seconds', text: '1767323045', unit: Seconds, expected: 1_767_323_045_000_000_000n },
  { name: 'reads milliseconds', text: '1767323045123', unit: Millis, expected: 1_767_323_045_123_000_000n },
  { name: 'reads microseconds', text: '1767323045123456', unit: Micros, expected: 1_767_323_045_123_456_000n },
  { name: 'reads nanoseconds', text: '1767323045123456789', unit: Nanos, expected: EXACT },
  { name: 'reads a fraction of a second', text: '1767323045.123456789', unit: Seconds, expected: EXACT },
  { name: 'reads a short fraction', text: '1767323045.1', unit: Seconds, expected: 1_767_323_045_100_000_000n },
  { name: 'reads a fraction of a millisecond', text: '1767323045123.456789', unit: Millis, expected: EXACT },
  { name: 'cuts what is finer than a nanosecond', text: '1767323045.1234567899', unit: Seconds, expected: EXACT },
  { name: 'cuts a fraction of a nanosecond', text: '1767323045123456789.9', unit: Nanos, expected: EXACT },
  { name: 'reads an exponent', text: '1.767323045123456789e+18', unit: Nanos, expected: EXACT },
  { name: 'reads a capital exponent', text: '1.767323045E9', unit: Seconds, expected: 1_767_323_045_000_000_000n },
  { name: 'reads an exponent that adds digits', text: '17e8', unit: Seconds, expected: 1_700_000_000_000_000_000n },
  { name: 'reads an exponent below 0', text: '1767323045123e-3', unit: Seconds, expected: 1_767_323_045_123_000_000n },
  { name: 'reads few nanoseconds', text: '5', unit: Nanos, expected: 5n },
  { name: 'reads 0', text: '0', unit: Seconds, expected: 0n },
  { name: 'reads less than a nanosecond as 0', text: '9e-11', unit: Seconds, expected: 0n },
  { name: 'reads seconds of 11 digits', text: '18446744073', unit: Seconds, expected: 18_446_744_073_000_000_000n },
  { name: 'takes 10 digits for seconds', text: '1767323045', unit: Auto, expected: 1_767_323_045_000_000_000n },
  { name: 'takes 10 digits and a fraction for seconds', text: '1767323045.123456789', unit: Auto, expected: EXACT },
  { name: 'takes 13 digits for milliseconds', text: '1767323045123', unit: Auto, expected: 1_767_323_045_123_000_000n },
  {
    name: 'takes 16 digits for microseconds',
    text: '1767323045123456',
    unit: Auto,
    expected: 1_767_323_045_123_456_000n,
  },
  { name: 'takes 19 digits for nanoseconds', text: '1767323045123456789', unit: Auto, expected: EXACT },
  { name: 'takes 20 digits for nanoseconds', text: '18446744073709551615', unit: Auto, expected: 2n ** 64n - 1n },
  {
    name: 'counts the digits that an exponent stands for',
    text: '1.767323045123456789e18',
    unit: Auto,
    expected: EXACT,
  },
]) {
  test(`parseEpoch() ${name}`, () => assert.equal(parse(text, unit), expected));
}

for (const text of [
  '',
  ' ',
  '-1767323045',
  '+1767323045',
  ' 1767323045',
  '1767323045 ',
  '1767323045.',
  '.5',
  '1767323045..5',
  '1767323045.5.5',
  '1,767,323,045',
  '0x69573d25',
  '1e',
  '1e+',
  '1e+-1',
  '1e100',
  '1e9x',
  '1767323045s',
  'NaN',
  'Infinity',
  '999999999999',
  '2026-01-02',
]) {
  test(`parseEpoch() refuses ${JSON.stringify(text)} as seconds`, () => assert.equal(parse(text, Seconds), undefined));
}

for (const { text, what } of [
  { text: '20260102', what: 'a date' },
  { text: '202601020304', what: 'a date with a time' },
  { text: '12.5', what: 'the time since a start' },
  { text: '123456789', what: '9 digits' },
  { text: '123456789012345', what: '15 digits' },
  { text: '123456789012345678', what: '18 digits' },
  { text: '123456789012345678901', what: '21 digits' },
]) {
  test(`parseEpoch() takes ${what} for no epoch number, ${text}`, () => assert.equal(parse(text, Auto), undefined));
}

const UNIT_DIGITS = [Seconds, Millis, Micros, Nanos];

test('parseEpoch() is exact, wherever the point stands', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.constantFrom(...UNIT_DIGITS),
      fc.nat(6),
      (nanos, unit, finer) => {
        const digits = `${nanos}`.padStart(10, '0');
        const point = digits.length - 9 + unit;
        const whole = digits.slice(0, point);
        const fraction = digits.slice(point) + '9'.repeat(finer);
        assert.equal(parse(fraction === '' ? whole : `${whole}.${fraction}`, unit), nanos);
      },
    ),
    { numRuns: 5000 },
  );
});

test('parseEpoch() reads a number as it reads the same number with an exponent', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[1-9][0-9]{0,18}$/), fc.constantFrom(...UNIT_DIGITS), (digits, unit) => {
      const scientific = `${digits[0]}.${digits.slice(1)}0e${digits.length - 1}`;
      assert.equal(parse(scientific, unit), parse(digits, unit));
    }),
    { numRuns: 2000 },
  );
});
