import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/mapping/json.ts';
import { Mapping } from '../../src/mapping/mapping.ts';
import { StartTime } from '../../src/mapping/start-time.ts';

const EPOCH_MS = 1_800_000_000_000;

/** Seconds on the clock that nobody sets, and what the document says then. */
function starts(start: StartTime, readings: readonly (readonly [seconds: number, document: Json, stepMs?: number])[]) {
  return readings.map(([seconds, document, stepMs = 0]) => {
    const moment = { unixMs: EPOCH_MS + seconds * 1000 + stepMs, nowMs: seconds * 1000, tookMs: 10 };
    const startUnixMs = start.next(document, moment);
    return startUnixMs === undefined ? undefined : (startUnixMs - EPOCH_MS) / 1000;
  });
}

for (const { what, readings, expected } of [
  {
    what: 'stays, although seconds are rounded',
    readings: [
      [100, 40.2],
      [110, 50.9],
      [120, 60.1],
      [130, 69.5],
    ] as const,
    expected: [59.8, 59.8, 59.8, 59.8],
  },
  {
    what: 'stays, although the clock of the wall is set',
    readings: [
      [100, 40],
      [110, 50, 3_600_000],
      [120, 60, -3_600_000],
    ] as const,
    expected: [60, 60, 60],
  },
  {
    what: 'stays, although the clocks drift apart',
    readings: [
      [0, 50],
      [1000, 1048.5],
      [2000, 2047],
      [3000, 3045.5],
    ] as const,
    expected: [-50, -50, -50, -50],
  },
  {
    what: 'is another one after a restart',
    readings: [
      [100, 40],
      [110, 3],
    ] as const,
    expected: [60, 107],
  },
  {
    what: 'is another one after a restart that nobody saw, although the uptime is longer',
    readings: [
      [100, 5],
      [700, 480],
    ] as const,
    expected: [95, 220],
  },
  {
    what: 'stays while nothing is said',
    readings: [
      [100, 40],
      [110, null],
      [120, 60],
    ] as const,
    expected: [60, 60, 60],
  },
  {
    what: 'is unknown while nothing was said',
    readings: [
      [100, 'x'],
      [110, -5],
      [120, 1e300],
    ] as const,
    expected: [undefined, undefined, undefined],
  },
]) {
  test(`a start by an uptime ${what}`, () => {
    assert.deepEqual(starts(new StartTime({ uptime: '.' }), readings), expected);
  });
}

test('a start by an uptime in milliseconds', () => {
  assert.deepEqual(starts(new StartTime({ uptime: 'up.ms', scale: 0.001 }), [[100, { up: { ms: '40000' } }]]), [60]);
});

for (const { what, scale, document, expected } of [
  { what: 'in seconds', document: EPOCH_MS / 1000 - 5, expected: -5 },
  { what: 'in milliseconds', scale: 0.001, document: EPOCH_MS - 5000, expected: -5 },
  { what: 'as a text of RFC 3339', document: '2027-01-15T08:59:55+01:00', expected: -5 },
  { what: 'that is yet to come', document: EPOCH_MS / 1000 + 999, expected: undefined },
  { what: 'that is no time', document: '3 days ago', expected: undefined },
]) {
  test(`a start by a time ${what}`, () => {
    const start = new StartTime({ time: '.', ...(scale === undefined ? {} : { scale }) });
    assert.deepEqual(starts(start, [[100, document]]), [expected]);
  });
}

const COUNTER = { name: 'm', type: 'counter', each: ['k, v in .'], value: 'v', labels: { k: 'k' } } as const;

/** The start of each series at each reading, in milliseconds. */
function startsOfSeries(
  readings: readonly (readonly [unixMs: number, startUnixMs: number | undefined, document: Json])[],
) {
  const mapping = new Mapping([COUNTER], { maxSeries: 9, maxLabelBytes: 9 }, []);
  return readings.map(([unixMs, startUnixMs, document]) => {
    const { families } = mapping.evaluate(document, { unixMs, startUnixMs });
    return Object.fromEntries(
      families.flatMap(({ points }) => points).map(({ labels, startUnixMs }) => [labels.get('k'), startUnixMs]),
    );
  });
}

test('a counter whose application does not say its start has none, until it has begun anew', () => {
  const readings = [
    [10, undefined, { a: 5, b: 5 }],
    [20, undefined, { a: 7, b: 5 }],
    [30, undefined, { a: 1, b: 6 }],
    [40, undefined, { a: 2, b: 7 }],
  ] as const;
  assert.deepEqual(startsOfSeries(readings), [
    { a: undefined, b: undefined },
    { a: undefined, b: undefined },
    { a: 20, b: undefined },
    { a: 20, b: undefined },
  ]);
});

test('a counter begins when its application does, and a new one at once', () => {
  const readings = [
    [100, 10, { a: 5 }],
    [200, 10, { a: 7, b: 1 }],
    [300, 250, { a: 9, b: 1 }],
    [400, 250, { a: 3, b: 2 }],
  ] as const;
  assert.deepEqual(startsOfSeries(readings), [{ a: 10 }, { a: 10, b: 10 }, { a: 250, b: 250 }, { a: 300, b: 250 }]);
});

test('a gauge has no start', () => {
  const mapping = new Mapping([{ name: 'm', type: 'gauge', value: '.' }], { maxSeries: 9, maxLabelBytes: 9 }, []);
  const { families } = mapping.evaluate(3, { unixMs: 100, startUnixMs: 10 });
  assert.equal(families[0]!.points[0]!.startUnixMs, undefined);
});
