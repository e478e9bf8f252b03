import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IsoTime, parseIsoTime } from '../../src/bytes/iso-time.ts';
import { ParsedTime } from '../../src/bytes/parsed-time.ts';

/** One for all texts, so that it remembers of each what the one before was. */
const isoTime = new IsoTime();

/** Nanoseconds since 1970, with `local` where the text names no zone; undefined: refused. Both ways to read it agree. */
function parse(text: string): bigint | string | undefined {
  const time = new ParsedTime();
  // Digits on both sides show whether it looks beyond the span.
  const bytes = Buffer.from(`77${text}77`);
  const isTime = parseIsoTime(bytes, 2, bytes.length - 2, time);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const again = new ParsedTime();
  for (const round of ['first', 'again']) {
    assert.equal(isoTime.read(bytes, view, 2, bytes.length - 2, again), isTime, `${round}: ${text}`);
    if (isTime) assert.deepEqual(again, time, `${round}: ${text}`);
  }
  if (!isTime) return undefined;
  const nanos = BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos);
  return time.isLocal ? `${nanos} local` : nanos;
}

const NOON = BigInt(Date.UTC(2026, 0, 2, 12, 34, 56)) * 1_000_000n;
const MINUTE = NOON - 56_000_000_000n;

for (const { name, text, expected } of [
  { name: 'reads RFC 3339', text: '2026-01-02T12:34:56Z', expected: NOON },
  { name: 'reads small letters', text: '2026-01-02t12:34:56z', expected: NOON },
  { name: 'reads a blank between date and time', text: '2026-01-02 12:34:56Z', expected: NOON },
  { name: 'reads 1 digit of a second', text: '2026-01-02T12:34:56.1Z', expected: NOON + 100_000_000n },
  { name: 'reads 9 digits of a second', text: '2026-01-02T12:34:56.123456789Z', expected: NOON + 123_456_789n },
  { name: 'reads a decimal comma', text: '2026-01-02 12:34:56,789Z', expected: NOON + 789_000_000n },
  { name: 'reads an offset', text: '2026-01-02T14:34:56+02:00', expected: NOON },
  { name: 'reads an offset behind a fraction', text: '2026-01-02T14:34:56.5+02:00', expected: NOON + 500_000_000n },
  { name: 'reads an offset without a colon', text: '2026-01-02T07:04:56-0530', expected: NOON },
  { name: 'reads an offset of hours', text: '2026-01-02T14:34:56+02', expected: NOON },
  { name: 'reads an offset behind a blank', text: '2026-01-02 14:34:56 +0200', expected: NOON },
  { name: 'reads UTC behind a blank', text: '2026-01-02 12:34:56 UTC', expected: NOON },
  { name: 'reads the abbreviation of a zone', text: '2026-01-02 07:34:56 EST', expected: NOON },
  { name: 'reads GMT', text: '2026-01-02 12:34:56.000 GMT', expected: NOON },
  { name: 'says that no zone is named', text: '2026-01-02T12:34:56', expected: `${NOON} local` },
  { name: 'says so behind a fraction', text: '2026-01-02 12:34:56,000', expected: `${NOON} local` },
  { name: 'reads a time without seconds', text: '2026-01-02T12:34Z', expected: MINUTE },
  { name: 'reads a local time without seconds', text: '2026-01-02T12:34', expected: `${MINUTE} local` },
  { name: 'reads a leap second', text: '2016-12-31T23:59:60Z', expected: 1_483_228_800_000_000_000n },
  {
    name: 'reads a leap second with an offset',
    text: '2017-01-01T05:29:60.5+05:30',
    expected: 1_483_228_800_500_000_000n,
  },
  { name: 'reads 29 February of a leap year', text: '2024-02-29T00:00:00Z', expected: 1_709_164_800_000_000_000n },
  { name: 'reads a time before 1970', text: '1969-12-31T23:59:59Z', expected: -1_000_000_000n },
]) {
  test(`parseIsoTime() ${name}`, () => assert.equal(parse(text), expected));
}

for (const text of [
  '',
  '2026',
  '2026-01-02',
  '2026-01-02T',
  '2026-01-02T12',
  '2026-01-02T12:3',
  '2026-01-02T12:34:5',
  '2026-01-02T12:34:',
  '2026-01-02T12:34:56.',
  '2026-01-02T12:34:56.Z',
  '2026-01-02T12:34:56.1234567890Z',
  '2026-01-02T12:34:56 ',
  '2026-01-02T12:34:56  Z',
  '2026-01-02T12:34:56ZZ',
  '2026-01-02T12:34:56Z ',
  ' 2026-01-02T12:34:56Z',
  '2026-01-02T12:34:56+2:00',
  '2026-01-02T12:34:56+24:00',
  '2026-01-02T12:34:56 IST',
  '2026-01-02T12:34:56[UTC]',
  '2026-01-02_12:34:56Z',
  '2026/01/02 12:34:56Z',
  '2026-01-02T12.34.56Z',
  '20260102T123456Z',
  '26-01-02T12:34:56Z',
  '2026-1-2T12:34:56Z',
  '2026-00-02T12:34:56Z',
  '2026-13-02T12:34:56Z',
  '2026-01-00T12:34:56Z',
  '2026-01-32T12:34:56Z',
  '2026-02-29T12:34:56Z',
  '2026-04-31T12:34:56Z',
  '2026-01-02T24:00:00Z',
  '2026-01-02T12:60:00Z',
  '2026-01-02T12:34:61Z',
  '2026-01-02T-1:34:56Z',
  '2026-01-02T12:34:56−02:00',
  '٢٠٢٦-01-02T12:34:56Z',
  '\u00002026-01-02T12:34:56Z',
]) {
  test(`parseIsoTime() refuses ${JSON.stringify(text)}`, () => assert.equal(parse(text), undefined));
}

const YEAR_10000_MS = Date.UTC(10_000, 0);

test('parseIsoTime() reads what Date writes, moved by any offset, with any number of fraction digits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: YEAR_10000_MS / 1000 - 90_000 }),
      fc.integer({ min: -1439, max: 1439 }),
      fc.stringMatching(/^[0-9]{1,9}$/),
      fc.constantFrom('T', 't', ' '),
      fc.constantFrom('.', ','),
      (seconds, offsetMinutes, fraction, separator, point) => {
        const wall = new Date(1000 * (seconds + 60 * offsetMinutes)).toISOString();
        fc.pre(wall.length === 24);
        const text = `${wall.slice(0, 10)}${separator}${wall.slice(11, 19)}${point}${fraction}${offsetText(offsetMinutes)}`;
        assert.equal(parse(text), BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0')));
      },
    ),
    { numRuns: 5000 },
  );
});

test('parseIsoTime() agrees with Date on times with one byte changed', () => {
  const text = '2026-01-02T03:04:05.678Z';
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 0x20, max: 0x7e }), (at, byte) => {
      const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
      assert.equal(parse(changed), reference(changed), changed);
    }),
    { numRuns: 5000 },
  );
});

/** What `parse()` must say of a text of the length above, by its grammar and the calendar of the runtime. */
function reference(text: string): bigint | string | undefined {
  const form = /^(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)[.,](?:(\d{2}) [Zz]|(\d{3})[Zz]|(\d{4}))$/;
  const [, day = '', time, two, three, four] = form.exec(text) ?? [];
  const date = new Date(`${day}T${time}Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return undefined;
  const fraction = (two ?? three ?? four)!;
  const nanos = BigInt(date.getTime()) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
  return four === undefined ? nanos : `${nanos} local`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
