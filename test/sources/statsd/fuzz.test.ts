import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openPackets } from './statsd-setting.ts';

const LINES = [
  'page.views:1|c',
  'page.views:1:2:3|c|@0.1|#country:de,beta',
  'depth:+3|g|#queue:a|T1656581400',
  'took:12.5|ms|@0.5|#a:b|c:0123abcd',
  'size:17|h',
  'spread:1e3|d|#ü:ö',
  'users:42|s',
  '_e{5,4}:title|text|p:low|t:error|#a:b',
  '_sc|db.up|2|d:1656581400|h:web|#a:b|m:gone',
];

const word = fc.constantFrom(
  ...'abc0123456789.+-eE|:#@,{}_\\\n\r\0 cTgmshd'.split(''),
  'ü',
  '|c',
  '|#',
  ':1|c',
  '_e{',
  '_sc|',
);

/** A line, and what becomes of it when bytes are taken out, put in, or replaced. */
const mutated = fc
  .tuple(fc.constantFrom(...LINES), fc.array(fc.tuple(fc.nat(60), fc.nat(3), word), { maxLength: 4 }))
  .map(([line, changes]) =>
    changes.reduce((text, [at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed), line),
  );

const packet = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.array(mutated, { maxLength: 5 }).map((lines) => Buffer.from(lines.join('\n'))),
  fc.array(word, { maxLength: 60 }).map((words) => Buffer.from(words.join(''))),
);

/** Lines of a packet that are not empty. */
function countLines(bytes: Buffer): number {
  return bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line.replace(/\r$/, '') !== '').length;
}

test('whatever comes, each line is counted once, and nothing throws', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 20 }), (packets) => {
      const setting = openPackets({
        maxMetrics: 5,
        maxSeries: 3,
        maxTotalSeries: 8,
        maxSetMembers: 2,
        hasContainer: true,
      });
      for (const bytes of packets) setting.takeBytes(bytes);
      const results = Object.values(setting.results()).reduce((a, b) => a + b, 0);
      assert.equal(
        results,
        packets.reduce((sum, bytes) => sum + countLines(bytes), 0),
      );
      assert.ok(setting.metrics.size <= 8 + 5);
      const seen = new Set<string>();
      for (const { families } of setting.metrics.collect()) {
        for (const { name, points } of families) {
          for (const { labels } of points) {
            const id = `${name} ${labels.id}`;
            assert.ok(!seen.has(id), `${id} is there twice`);
            assert.ok(id.isWellFormed() && !id.includes('\ufffd'), `${id} is no text`);
            seen.add(id);
          }
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('counters add up to what was sent, whatever the tags are', () => {
  const tag = fc.constantFrom('a:1', 'a:2', 'b:1', 'b', 'c:', 'ü:1');
  const line = fc.record({
    value: fc.nat(1000),
    tags: fc.array(tag, { maxLength: 4 }),
    rate: fc.constantFrom(1, 0.5, 0.25),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 50 }), fc.nat(6), (lines, maxSeries) => {
      const setting = openPackets({ maxSeries: maxSeries + 1 });
      const truth = new Map<string, number>();
      let sum = 0;
      for (const { value, tags, rate } of lines) {
        setting.take(`n:${value}|c|@${rate}|#${tags.join()}`);
        sum += value / rate;
        const labels = new Map(tags.map((text) => text.split(':')).map(([name = '', own = 'true']) => [name, own]));
        const key = JSON.stringify([...labels].filter(([, own]) => own !== '').sort());
        truth.set(key, (truth.get(key) ?? 0) + value / rate);
      }
      let shown = 0;
      for (const point of setting.points('n')) {
        assert.ok(point.kind === 'number');
        shown += point.value;
        if (point.labels.get('otel.metric.overflow') === 'true') continue;
        assert.equal(point.value, truth.get(JSON.stringify([...point.labels].sort())));
      }
      assert.equal(shown, sum);
    }),
    { numRuns: 500 },
  );
});
