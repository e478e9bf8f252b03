import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimeZone } from '../../src/bytes/time-zone.ts';

/** The Unix time of a wall clock, as text; undefined: there is no such zone. */
function toUnix(zone: string, wall: string): string | undefined {
  const seconds = TimeZone.named(zone)?.toUnix(Date.parse(`${wall}Z`) / 1000);
  return seconds === undefined ? undefined : new Date(1000 * seconds).toISOString().replace('.000', '');
}

for (const { name, zone, wall, expected } of [
  { name: 'knows UTC', zone: 'UTC', wall: '2026-07-01T12:00:00', expected: '2026-07-01T12:00:00Z' },
  { name: 'knows an offset', zone: '+05:30', wall: '2026-07-01T12:00:00', expected: '2026-07-01T06:30:00Z' },
  { name: 'knows an offset to the west', zone: '-0800', wall: '2026-07-01T12:00:00', expected: '2026-07-01T20:00:00Z' },
  { name: 'knows winter', zone: 'Europe/Berlin', wall: '2026-01-01T12:00:00', expected: '2026-01-01T11:00:00Z' },
  { name: 'knows summer', zone: 'Europe/Berlin', wall: '2026-07-01T12:00:00', expected: '2026-07-01T10:00:00Z' },
  {
    name: 'knows offsets of half an hour',
    zone: 'Asia/Kolkata',
    wall: '2026-07-01T12:00:00',
    expected: '2026-07-01T06:30:00Z',
  },
  {
    name: 'knows rules of the past',
    zone: 'Europe/Moscow',
    wall: '2011-07-01T12:00:00',
    expected: '2011-07-01T08:00:00Z',
  },
  {
    name: 'knows offsets of seconds',
    zone: 'Africa/Monrovia',
    wall: '1971-06-01T00:00:00',
    expected: '1971-06-01T00:44:30Z',
  },
  {
    name: 'ends the year before the gap',
    zone: 'Europe/Berlin',
    wall: '2026-03-29T01:59:59',
    expected: '2026-03-29T00:59:59Z',
  },
  {
    name: 'counts on into the gap',
    zone: 'Europe/Berlin',
    wall: '2026-03-29T02:30:00',
    expected: '2026-03-29T01:30:00Z',
  },
  {
    name: 'goes on behind the gap',
    zone: 'Europe/Berlin',
    wall: '2026-03-29T03:00:00',
    expected: '2026-03-29T01:00:00Z',
  },
  {
    name: 'takes the first of two',
    zone: 'Europe/Berlin',
    wall: '2026-10-25T02:30:00',
    expected: '2026-10-25T00:30:00Z',
  },
  { name: 'goes on behind both', zone: 'Europe/Berlin', wall: '2026-10-25T03:00:00', expected: '2026-10-25T02:00:00Z' },
  {
    name: 'knows gaps of half an hour',
    zone: 'Australia/Lord_Howe',
    wall: '2026-10-04T02:15:00',
    expected: '2026-10-03T15:45:00Z',
  },
  {
    name: 'counts on over a day that was left out',
    zone: 'Pacific/Apia',
    wall: '2011-12-30T12:00:00',
    expected: '2011-12-30T22:00:00Z',
  },
  {
    name: 'goes on behind that day',
    zone: 'Pacific/Apia',
    wall: '2011-12-31T00:00:00',
    expected: '2011-12-30T10:00:00Z',
  },
  {
    name: 'sees changes a week apart',
    zone: 'Asia/Gaza',
    wall: '2040-10-25T12:00:00',
    expected: '2040-10-25T09:00:00Z',
  },
  {
    name: 'takes a name in small letters',
    zone: 'europe/berlin',
    wall: '2026-07-01T12:00:00',
    expected: '2026-07-01T10:00:00Z',
  },
  { name: 'knows no other name', zone: 'Europe/Atlantis', wall: '2026-07-01T12:00:00', expected: undefined },
  { name: 'knows no offset of a day', zone: '+24:00', wall: '2026-07-01T12:00:00', expected: undefined },
  { name: 'does not take nothing', zone: '', wall: '2026-07-01T12:00:00', expected: undefined },
]) {
  test(`TimeZone ${name}: ${zone} ${wall}`, () => assert.equal(toUnix(zone, wall), expected));
}

test('TimeZone.toUnix() gives a time back whose wall clock is the one asked for, and the earlier one of two', () => {
  const zones = [
    'America/New_York',
    'Europe/London',
    'Africa/Casablanca',
    'Asia/Tehran',
    'America/St_Johns',
    'Asia/Gaza',
  ];
  const clocks = zones.map((name) => ({ zone: TimeZone.named(name)!, wallOf: wallClock(name) }));
  fc.assert(
    fc.property(
      fc.constantFrom(...clocks),
      fc.integer({ min: Date.UTC(1971, 0) / 1000, max: Date.UTC(2060, 0) / 1000 }),
      ({ zone, wallOf }, unix) => {
        const wall = wallOf(unix);
        const found = zone.toUnix(wall);
        assert.equal(wallOf(found), wall);
        assert.ok(found <= unix);
      },
    ),
    { numRuns: 2000 },
  );
});

test('TimeZone.toUnix() gives the same whatever was asked before', () => {
  const wallTime = fc.integer({ min: Date.UTC(2024, 0) / 1000, max: Date.UTC(2027, 0) / 1000 });
  const used = TimeZone.named('America/New_York')!;
  fc.assert(
    fc.property(wallTime, wallTime, (first, second) => {
      used.toUnix(first);
      assert.equal(used.toUnix(second), TimeZone.named('America/New_York')!.toUnix(second));
    }),
    { numRuns: 200 },
  );
});

/** The wall clock of a zone at a Unix time, as if it were UTC. */
function wallClock(zone: string): (unixSeconds: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return (unixSeconds) => Date.parse(`${format.format(1000 * unixSeconds).replace(' ', 'T')}Z`) / 1000;
}
