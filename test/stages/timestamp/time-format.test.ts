import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ParsedTime } from '../../../src/bytes/parsed-time.ts';
import { TimeZone } from '../../../src/bytes/time-zone.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { parseFormat } from '../../../src/stages/timestamp/format-steps.ts';
import { TimeFormat } from '../../../src/stages/timestamp/time-format.ts';

const OBSERVED = '2026-01-02T03:04:05Z';

function createFormat(format: string, zone = 'UTC'): TimeFormat {
  const steps = parseFormat(format);
  if (steps instanceof ConfigError) throw steps;
  return new TimeFormat(steps, TimeZone.named(zone)!);
}

/** The time as text with nine digits of a second; undefined: refused. */
function read(format: TimeFormat, text: string, observed = OBSERVED): string | undefined {
  const time = new ParsedTime();
  // Digits on both sides show whether it looks beyond the span.
  const bytes = Buffer.from(`77${text}77`);
  if (!format.read(bytes, 2, bytes.length - 2, Date.parse(observed), time)) return undefined;
  assert.equal(time.isLocal, false);
  return new Date(1000 * time.seconds).toISOString().replace('.000Z', `.${String(time.nanos).padStart(9, '0')}Z`);
}

for (const { format, text, expected, zone } of [
  { format: '%Y-%m-%d %H:%M:%S', text: '2026-01-02 03:04:05', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%F %T', text: '2026-01-02 03:04:05', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%FT%T.%f%z', text: '2026-01-02T03:04:05.123456+01:00', expected: '2026-01-02T02:04:05.123456000Z' },
  { format: '%F %T,%L', text: '2026-01-02 03:04:05,7', expected: '2026-01-02T03:04:05.700000000Z' },
  { format: '%F %T.%f', text: '2026-01-02 03:04:05.123456789', expected: '2026-01-02T03:04:05.123456789Z' },
  { format: '%Y%m%d%H%M%S', text: '20260102030405', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%Y%m%d%H%M%S%f', text: '20260102030405123', expected: '2026-01-02T03:04:05.123000000Z' },
  { format: '%d/%b/%Y:%H:%M:%S %z', text: '02/Jan/2026:03:04:05 -0700', expected: '2026-01-02T10:04:05.000000000Z' },
  { format: '[%d/%b/%Y:%T %z]', text: '[02/Jan/2026:03:04:05 +0000]', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%a %b %d %T %Y', text: 'Fri Jan 02 03:04:05 2026', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%A, %d %B %Y %T', text: 'Friday, 02 January 2026 03:04:05', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%a %B %d %Y', text: 'FRIDAY jan 2 2026', expected: '2026-01-02T00:00:00.000000000Z' },
  { format: '%d %b %Y', text: '1 May 2026', expected: '2026-05-01T00:00:00.000000000Z' },
  { format: '%d%b%Y', text: '01September2026', expected: '2026-09-01T00:00:00.000000000Z' },
  { format: '%m/%d/%Y %I:%M:%S %p', text: '1/2/2026 3:04:05 PM', expected: '2026-01-02T15:04:05.000000000Z' },
  { format: '%m/%d/%Y %I:%M %p', text: '1/2/2026 12:00 am', expected: '2026-01-02T00:00:00.000000000Z' },
  { format: '%m/%d/%Y %I:%M%p', text: '1/2/2026 12:00pm', expected: '2026-01-02T12:00:00.000000000Z' },
  { format: '%y%m%d %H%M%S', text: '260102 030405', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%y-%m-%d', text: '69-01-02', expected: '1969-01-02T00:00:00.000000000Z' },
  { format: '%y-%m-%d', text: '68-01-02', expected: '2068-01-02T00:00:00.000000000Z' },
  { format: '%s', text: '1767323045', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%s.%f', text: '1767323045.123456789', expected: '2026-01-02T03:04:05.123456789Z' },
  { format: '%d.%m.%Y %T %Z', text: '02.01.2026 03:04:05 GMT', expected: '2026-01-02T03:04:05.000000000Z' },
  { format: '%F %T %Z', text: '2026-01-02 03:04:05 UTC', expected: '2026-01-02T03:04:05.000000000Z', zone: '+02:00' },
  { format: '%F %T %Z', text: '2026-07-02 03:04:05 CEST', expected: '2026-07-02T01:04:05.000000000Z' },
  { format: '%F %T %Z', text: '2026-01-02 03:04:05 EST', expected: '2026-01-02T08:04:05.000000000Z' },
  { format: '%F %T %Z', text: '2026-01-02 03:04:05 +03', expected: '2026-01-02T00:04:05.000000000Z' },
  { format: '%F %T %Z: up', text: '2026-01-02 03:04:05 ACST: up', expected: '2026-01-01T17:34:05.000000000Z' },
  { format: '%F %T%Z', text: '2026-01-02 03:04:05Z', expected: '2026-01-02T03:04:05.000000000Z', zone: '+02:00' },
  { format: '%F %T', text: '2026-07-02 03:04:05', expected: '2026-07-02T01:04:05.000000000Z', zone: 'Europe/Berlin' },
  {
    format: '%F %T %z',
    text: '2026-07-02 03:04:05 Z',
    expected: '2026-07-02T03:04:05.000000000Z',
    zone: 'Europe/Berlin',
  },
  { format: '%z %F', text: '+05 2026-01-02', expected: '2026-01-01T19:00:00.000000000Z' },
  { format: '%F %T', text: '2016-12-31 23:59:60', expected: '2017-01-01T00:00:00.000000000Z' },
  { format: '100%% %F', text: '100% 2026-01-02', expected: '2026-01-02T00:00:00.000000000Z' },
  { format: '%%F %F', text: '%F 2026-01-02', expected: '2026-01-02T00:00:00.000000000Z' },
  { format: 'день %F', text: 'день 2026-01-02', expected: '2026-01-02T00:00:00.000000000Z' },
  { format: '%b %d %Y', text: 'Jan  2 2026', expected: '2026-01-02T00:00:00.000000000Z' },
  { format: '%b %e %Y', text: 'Jan  2 \t 2026', expected: '2026-01-02T00:00:00.000000000Z' },
  { format: '%b%e %Y', text: 'Jan 2 2026', expected: '2026-01-02T00:00:00.000000000Z' },
]) {
  test(`TimeFormat reads ${JSON.stringify(text)} as ${format}`, () => {
    const timeFormat = createFormat(format, zone);
    assert.equal(read(timeFormat, text), expected);
    assert.equal(read(timeFormat, text), expected, 'read a second time');
  });
}

for (const { format, text } of [
  { format: '%F', text: '' },
  { format: '%F', text: '2026-01-0' },
  { format: '%F', text: '2026-01-02 ' },
  { format: '%F', text: ' 2026-01-02' },
  { format: '%F', text: '2026-02-30' },
  { format: '%F', text: '2026-13-01' },
  { format: '%F', text: '2026-00-01' },
  { format: '%F', text: '2026-01-00' },
  { format: '%F', text: '226-01-01' },
  { format: '%F', text: '2026/01/01' },
  { format: '%F %T', text: '2026-01-02 24:00:00' },
  { format: '%F %T', text: '2026-01-02 03:60:00' },
  { format: '%F %T', text: '2026-01-02 03:04:61' },
  { format: '%F %T', text: '2026-01-02T03:04:05' },
  { format: '%F %T', text: '2026-01-0203:04:05' },
  { format: '%F %T.%f', text: '2026-01-02 03:04:05.' },
  { format: '%F %T.%f', text: '2026-01-02 03:04:05.1234567890' },
  { format: '%F %T %z', text: '2026-01-02 03:04:05 CET' },
  { format: '%F %T %z', text: '2026-01-02 03:04:05 +2' },
  { format: '%F %T %z', text: '2026-01-02 03:04:05 ' },
  { format: '%F %T %Z', text: '2026-01-02 03:04:05 IST' },
  { format: '%F %T %Z', text: '2026-01-02 03:04:05 CESTA' },
  { format: '%F %T %Z', text: '2026-01-02 03:04:05 +25' },
  { format: '%F %T %Z', text: '2026-01-02 03:04:05 UT' },
  { format: '%F %I:%M %p', text: '2026-01-02 13:00 PM' },
  { format: '%F %I:%M %p', text: '2026-01-02 00:00 AM' },
  { format: '%F %I:%M %p', text: '2026-01-02 01:00 XM' },
  { format: '%F %I:%M %p', text: '2026-01-02 01:00 P' },
  { format: '%d %b %Y', text: '02 Jux 2026' },
  { format: '%d %b %Y', text: '02 Ja' },
  { format: '%d %B %Y', text: '02 Janu 2026' },
  { format: '%a %F', text: 'Xyz 2026-01-02' },
  { format: '%s', text: '-1' },
  { format: '%s', text: '123456789012' },
  { format: '%b %d', text: 'Feb 30' },
]) {
  test(`TimeFormat refuses ${JSON.stringify(text)} as ${format}`, () => {
    assert.equal(read(createFormat(format), text), undefined);
  });
}

for (const { name, text, observed, expected, zone } of [
  { name: 'this year', text: 'Jan  2 03:04:05', observed: '2026-01-02T03:04:06Z', expected: '2026-01-02T03:04:05Z' },
  { name: 'last year', text: 'Dec 31 23:59:59', observed: '2026-01-01T00:00:01Z', expected: '2025-12-31T23:59:59Z' },
  {
    name: 'a day into the future',
    text: 'Jan  3 03:04:05',
    observed: '2026-01-02T03:04:05Z',
    expected: '2026-01-03T03:04:05Z',
  },
  {
    name: 'not more than a day',
    text: 'Jan  3 03:04:06',
    observed: '2026-01-02T03:04:05Z',
    expected: '2025-01-03T03:04:06Z',
  },
  {
    name: 'the new year of a fast clock',
    text: 'Jan  1 00:00:01',
    observed: '2025-12-31T23:59:59Z',
    expected: '2026-01-01T00:00:01Z',
  },
  {
    name: 'the new year east of Greenwich',
    text: 'Jan  1 08:00:00',
    observed: '2025-12-31T23:00:00Z',
    expected: '2025-12-31T23:00:00Z',
    zone: 'Asia/Tokyo',
  },
  {
    name: 'the old year west of Greenwich',
    text: 'Dec 31 20:00:00',
    observed: '2026-01-01T04:00:00Z',
    expected: '2026-01-01T04:00:00Z',
    zone: '-08:00',
  },
  {
    name: 'the last leap year',
    text: 'Feb 29 00:00:00',
    observed: '2026-06-01T00:00:00Z',
    expected: '2024-02-29T00:00:00Z',
  },
  {
    name: 'this leap year',
    text: 'Feb 29 00:00:00',
    observed: '2024-02-29T00:00:00Z',
    expected: '2024-02-29T00:00:00Z',
  },
  {
    name: 'a leap year eight years ago',
    text: 'Feb 29 00:00:00',
    observed: '2104-02-01T00:00:00Z',
    expected: '2096-02-29T00:00:00Z',
  },
]) {
  test(`TimeFormat takes a time without a year for ${name}`, () => {
    const timeFormat = createFormat('%b %e %T', zone);
    assert.equal(read(timeFormat, text, observed), expected.replace('Z', '.000000000Z'));
  });
}

test('TimeFormat works the year out anew for each batch', () => {
  const timeFormat = createFormat('%b %e %T');
  const years = ['2026-06-01', '2027-06-01', '2026-01-01'].map((day) =>
    read(timeFormat, 'Mar  1 00:00:00', `${day}T00:00:00Z`)?.slice(0, 4),
  );
  assert.deepEqual(years, ['2026', '2027', '2025']);
});

test('TimeFormat keeps nothing of a text that it refused', () => {
  const timeFormat = createFormat('%F %T');
  assert.equal(read(timeFormat, '2026-01-02 03:04:05'), '2026-01-02T03:04:05.000000000Z');
  assert.equal(read(timeFormat, '2025-01-02 03:04:xx'), undefined);
  assert.equal(read(timeFormat, '2025-01-02 03:04:xx'), undefined);
  assert.equal(read(timeFormat, '2026-01-02 03:04:05'), '2026-01-02T03:04:05.000000000Z');
});

test('TimeFormat reads what the runtime writes, in any order', () => {
  const timeFormat = createFormat('%a, %d %b %Y %T %Z');
  const times = fc.array(fc.integer({ min: 0, max: 253_402_300_799 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(times, (times) => {
      for (const seconds of [...times, ...times]) {
        const date = new Date(1000 * seconds);
        assert.equal(read(timeFormat, date.toUTCString()), date.toISOString().replace('.000Z', '.000000000Z'));
      }
    }),
    { numRuns: 1000 },
  );
});

for (const { format, message, hint } of [
  { format: '%Y-%m-%d %Q', message: /"%Q" is unknown/, hint: /%Y %y %m/ },
  { format: '%Y-%m-%d %', message: /"%" is unknown/, hint: /%Y %y %m/ },
  { format: '%Y-%m-%d %é', message: /"%é" is unknown/, hint: /%Y %y %m/ },
  { format: '%m %H:%M:%S', message: /names no day/, hint: /%m or %b/ },
  { format: '%M:%S', message: /names no day/, hint: /%H/ },
  { format: '%Y-%m', message: /names no day/, hint: /%d/ },
  { format: '%F %I:%M', message: /%I and %p/, hint: /%H/ },
  { format: '%F %H:%M %p', message: /%I and %p/, hint: /%H/ },
]) {
  test(`parseFormat() refuses ${JSON.stringify(format)}`, () => {
    const error = parseFormat(format);
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, 'ERR_CONFIG_PATTERN');
    assert.deepEqual(error.path, ['format']);
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
  });
}

const corpus = join(import.meta.dirname, '../../../../shared/corpora/fluent-bit/time-formats.json');
const missing = existsSync(corpus) ? false : 'the corpus shared/corpora/fluent-bit is not there';

test("TimeFormat reads what Fluent Bit's time tests read", { skip: missing }, () => {
  const { cases } = JSON.parse(readFileSync(corpus, 'utf8')) as { cases: FluentBitCase[] };
  for (const { time_format_strptime: format, text, ...expected } of cases) {
    const minutes = Math.abs(expected.assumed_utc_offset_seconds) / 60;
    const sign = expected.assumed_utc_offset_seconds < 0 ? '-' : '+';
    const zone = `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`;
    const seconds = new Date(1000 * expected.epoch_seconds).toISOString().slice(0, 19);
    const nanos = String(Math.round(1e9 * expected.fraction)).padStart(9, '0');
    assert.equal(read(createFormat(format, zone), text, '2017-12-01T00:00:00Z'), `${seconds}.${nanos}Z`, format);
  }
});

interface FluentBitCase {
  readonly time_format_strptime: string;
  readonly text: string;
  readonly epoch_seconds: number;
  readonly fraction: number;
  readonly assumed_utc_offset_seconds: number;
}

for (const { name, format = '%H:%M:%S.%f', text, zone, observed, expected } of [
  { name: 'is of the day', text: '03:04:05.6', observed: '2026-01-02T12:00:00Z', expected: '2026-01-02T03:04:05.6' },
  { name: 'is of now', text: '12:00:00.1', observed: '2026-01-02T12:00:00Z', expected: '2026-01-02T12:00:00.1' },
  { name: 'is of yesterday', text: '23:59:59.9', observed: '2026-01-01T00:00:01Z', expected: '2025-12-31T23:59:59.9' },
  { name: 'is of tomorrow', text: '00:00:01.0', observed: '2026-01-01T23:59:59Z', expected: '2026-01-02T00:00:01.0' },
  { name: 'is long ago', text: '13:30:00.0', observed: '2026-01-02T12:00:00Z', expected: '2026-01-01T13:30:00.0' },
  {
    name: 'is of a zone where it is tomorrow',
    text: '08:00:00.0',
    zone: '+14:00',
    observed: '2026-01-01T18:10:00Z',
    expected: '2026-01-01T18:00:00.0',
  },
  {
    name: 'has an offset',
    format: '%H:%M:%S.%f %z',
    text: '23:30:00.0 -1200',
    observed: '2026-01-02T12:00:00Z',
    expected: '2026-01-02T11:30:00.0',
  },
]) {
  test(`a time of day ${name}`, () => {
    assert.equal(read(createFormat(format, zone), text, observed), `${expected}00000000Z`);
  });
}

test('a time of day is never more than an hour ahead, and never more than a day back from there', () => {
  const hourMs = 3_600_000;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 86_399 }),
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.constantFrom('UTC', '+14:00', '-12:00', 'Asia/Kolkata'),
      (secondsOfDay, observedMs, zone) => {
        const text = new Date(1000 * secondsOfDay).toISOString().slice(11, 19);
        const found = Date.parse(read(createFormat('%T', zone), text, new Date(observedMs).toISOString())!);
        assert.ok(found <= observedMs + hourMs && found > observedMs - 23 * hourMs);
      },
    ),
  );
});
