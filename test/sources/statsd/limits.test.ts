import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openPackets } from './statsd-setting.ts';

/** The sum of the values of all series of a metric, and that of the one which counts the rest. */
function sums(setting: ReturnType<typeof openPackets>, name: string): { all: number; overflow: number; size: number } {
  const points = setting.points(name).map((point) => ({
    value: point.kind === 'number' ? point.value : point.kind === 'summary' ? 0 : point.count,
    isOverflow: point.labels.get('otel.metric.overflow') === 'true',
  }));
  const add = (all: typeof points): number => all.reduce((sum, { value }) => sum + value, 0);
  return { all: add(points), overflow: add(points.filter(({ isOverflow }) => isOverflow)), size: points.length };
}

test('a flood of tags ends in the series for the rest, which counts all of it, and takes no memory', () => {
  const setting = openPackets({ maxSeries: 100 });
  const flood = (from: number, to: number): void => {
    for (let i = from; i < to; i += 50) {
      setting.take(Array.from({ length: 50 }, (_, j) => `flood:1|c|#id:${i + j}`).join('\n'));
    }
  };
  flood(0, 20_000);
  const before = usedBytes();
  flood(20_000, 120_000);
  const grown = usedBytes() - before;
  assert.deepEqual(sums(setting, 'flood'), { all: 120_000, overflow: 119_900, size: 101 });
  assert.equal(setting.own.sum('pillion_statsd_overflow_lines_total'), 119_900);
  assert.deepEqual(setting.results(), { ok: 120_000 });
  assert.equal(setting.log().length, 1);
  assert.equal(setting.metrics.size, 101);
  // Every tag that was kept would be a hundred bytes and more.
  assert.ok(grown < 2_000_000, `${grown} bytes more`);
});

test('all metrics together have so many series as they may, and each one that counts the rest', () => {
  const setting = openPackets({ maxSeries: 8, maxTotalSeries: 10 });
  for (let i = 0; i < 20; i++) setting.take(`a:1|c|#i:${i}\nb:2|h|#i:${i}\nc:3|g|#i:${i}`);
  assert.equal(setting.metrics.size, 10 + 3);
  assert.deepEqual(
    ['a', 'b'].map((name) => sums(setting, name).all),
    [20, 20],
  );
});

test('the tags of all series take 16 MiB at most, which others get when they are forgotten', async () => {
  const setting = openPackets({ maxSeries: 5000, maxLabelBytes: 16_384, expireAfterMs: 60_000 });
  const long = 'x'.repeat(16_000);
  for (const name of ['a', 'b']) {
    for (let i = 0; i < 2000; i++) setting.take(`${name}:1|c|#i:${i}${long}`);
    const { all, size } = sums(setting, name);
    assert.equal(all, 2000);
    assert.ok(size > 1000 && size < 1050, `${size} series`);
    await setting.clock.advance(70_000);
    setting.metrics.expire();
  }
});

test('a flood of names is refused, and those that were there first count on', () => {
  const setting = openPackets({ maxMetrics: 10 });
  for (let i = 0; i < 1000; i++) setting.take(`m${i}:1|c`);
  setting.take('m3:1|c');
  assert.deepEqual(setting.results(), { ok: 11, metric_limit: 990 });
  assert.equal(sums(setting, 'm3').all, 2);
});

test('what is silent is forgotten, gives its place back, and starts anew when it comes again', async () => {
  const setting = openPackets({ maxMetrics: 2, maxSeries: 2, maxTotalSeries: 3, expireAfterMs: 60_000 });
  setting.take('a:1|c|#k:1', 'a:1|c|#k:2', 'a:1|c|#k:3', 'b:1|g|#k:1|T1700000000');
  await setting.clock.advance(40_000);
  setting.take('a:1|c|#k:2');
  await setting.clock.advance(40_000);
  setting.metrics.expire();
  assert.deepEqual(setting.shown(), ['counter a', '  {k="2"} 2']);
  setting.take('c:1|ms', 'a:5|c|#k:9', 'b:1|c');
  assert.deepEqual(setting.shown(), [
    'counter a',
    '  {k="2"} 2',
    '  {k="9"} 5',
    'histogram c [s]',
    '  {} 1|0|0|0 under 0.01|0.1|1 sum 0.001',
  ]);
  assert.deepEqual(setting.results(), { ok: 7, metric_limit: 1 });
  const point = setting.points('a').at(-1);
  assert.equal(point?.startUnixMs, setting.clock.unixMs());
  // Of the series that were left, each is found under its own tags.
  setting.take('a:1|c|#k:2', 'a:1|c|#k:9', 'a:1|c|#k:1', 'a:1|c|#k:3');
  assert.deepEqual(setting.shown().slice(0, 4), [
    'counter a',
    '  {otel.metric.overflow="true"} 2',
    '  {k="2"} 3',
    '  {k="9"} 6',
  ]);
});

test('a set counts what was different in the last interval that has ended', async () => {
  const setting = openPackets({ setIntervalMs: 10_000 });
  setting.take('users:ann|s', 'users:bob|s', 'users:ann|s', 'users:x:y|s|#k:v');
  assert.deepEqual(setting.shown(), []);
  await setting.clock.advance(10_000);
  assert.deepEqual(setting.shown(), ['gauge users', '  {} 2', '  {k="v"} 1']);
  setting.take('users:ann|s');
  assert.deepEqual(setting.shown(), ['gauge users', '  {} 2', '  {k="v"} 1']);
  await setting.clock.advance(10_000);
  assert.deepEqual(setting.shown(), ['gauge users', '  {} 1', '  {k="v"} 0']);
  setting.take('users:ann|s');
  await setting.clock.advance(35_000);
  assert.deepEqual(setting.shown(), ['gauge users', '  {} 0', '  {k="v"} 0'], 'the last interval had none');
});

test('a set has so many values as it may, and all sets ten times as many', async () => {
  const setting = openPackets({ maxSetMembers: 5 });
  for (let i = 0; i < 20; i++) setting.take(`one:${i}|s`);
  for (let i = 0; i < 20; i++) for (let k = 0; k < 12; k++) setting.take(`more:${i}|s|#k:${k}`);
  assert.deepEqual(setting.results(), { ok: 50, set_limit: 210 });
  await setting.clock.advance(10_000);
  assert.equal(sums(setting, 'one').all, 5);
  assert.equal(sums(setting, 'more').all, 45);
  for (let i = 0; i < 5; i++) setting.take(`one:${i}|s`);
  assert.deepEqual(setting.results(), { ok: 55, set_limit: 210 }, 'the next interval has room again');
});

/** What is in use, without what could be collected. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
