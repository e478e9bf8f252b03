import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatsdMetricsOptions } from '../../../src/sources/statsd/statsd-metrics.ts';
import { openPackets } from './statsd-setting.ts';

const CASES: readonly {
  name: string;
  packets: readonly string[];
  options?: Partial<StatsdMetricsOptions>;
  shown: readonly string[];
  results?: Readonly<Record<string, number>>;
}[] = [
  {
    name: 'a counter adds up, with and without a sign, a point, or an exponent',
    packets: ['hits:1|c', 'hits:+2|c', 'hits:0.5|c', 'hits:1e2|c', 'hits:.25|c'],
    shown: ['counter hits', '  {} 103.75'],
  },
  {
    name: 'a counter is multiplied by its sample rate',
    packets: ['hits:3|c|@0.1'],
    shown: ['counter hits', '  {} 30'],
  },
  {
    name: 'a gauge is the last value, and a sign adds to it',
    packets: ['depth:3|g', 'depth:+4|g', 'depth:-10|g', 'other:-2|g'],
    shown: ['gauge depth', '  {} -3', 'gauge other', '  {} -2'],
  },
  {
    name: 'a gauge with a sign is a value where DogStatsD counts',
    packets: ['depth:3|g', 'depth:-10|g'],
    options: { hasGaugeDeltas: false },
    shown: ['gauge depth', '  {} -10'],
  },
  {
    name: 'a timer is a histogram of seconds',
    packets: ['took:5|ms', 'took:50|ms', 'took:320|ms', 'took:2000|ms'],
    shown: ['histogram took [s]', '  {} 1|1|1|1 under 0.01|0.1|1 sum 2.375'],
  },
  {
    name: 'histograms and distributions are as they are',
    packets: ['size:5|h', 'size:500|h', 'spread:7|d'],
    shown: [
      'histogram size',
      '  {} 0|1|0|1 under 1|10|100 sum 505',
      'histogram spread',
      '  {} 0|1|0|0 under 1|10|100 sum 7',
    ],
  },
  {
    name: 'a timer with a sample rate counts for all that it stands for, and a rate that is no whole number on average',
    packets: ['took:50|ms|@0.1', ...Array.from({ length: 30 }, () => 'third:5|h|@0.3')],
    shown: [
      'histogram took [s]',
      '  {} 0|10|0|0 under 0.01|0.1|1 sum 0.5',
      'histogram third',
      '  {} 0|100|0|0 under 1|10|100 sum 500',
    ],
  },
  {
    name: 'several values of a line count as several lines',
    packets: ['hits:1:2:3|c|@0.5|#a:b', 'took:5:50:5|ms', 'depth:1:+2:+3|g'],
    shown: [
      'counter hits',
      '  {a="b"} 12',
      'histogram took [s]',
      '  {} 2|1|0|0 under 0.01|0.1|1 sum 0.06',
      'gauge depth',
      '  {} 6',
    ],
    results: { ok: 3 },
  },
  {
    name: 'a packet has several lines, however they end',
    packets: ['a:1|c\nb:2|c\r\n\n\nc:3|c\n', '\n', ''],
    shown: ['counter a', '  {} 1', 'counter b', '  {} 2', 'counter c', '  {} 3'],
    results: { ok: 3 },
  },
  {
    name: 'tags are labels in any order; the last of a name counts, one without a value is true, an empty one is none',
    packets: ['a:1|c|#x:1,y:2', 'a:1|c|#y:2,x:1', 'a:1|c|#y:2,x:0,,x:1,', 'a:1|c|#beta,k:v:w,none:', 'a:1|c|#'],
    shown: ['counter a', '  {x="1",y="2"} 3', '  {beta="true",k="v:w"} 1', '  {} 1'],
  },
  {
    name: 'tags may be of any language, and long ones are cut where a character ends',
    packets: ['a:1|c|#stadt:Köln', 'a:1|c|#stadt:aaaaaaaaaaaaaaaü'],
    options: { maxLabelBytes: 16 },
    shown: ['counter a', '  {stadt="Köln"} 1', '  {stadt="aaaaaaaaaaaaaaa"} 1'],
  },
  {
    name: 'the container is passed over',
    packets: ['a:1|c|#x:1|c:0123abcd', 'a:1|c|c:ffff|#x:1'],
    shown: ['counter a', '  {x="1"} 2'],
  },
  {
    name: 'the container is a label where it shall be one, at its place by name',
    packets: ['a:1|c|#x:1,b:2|c:0123', 'a:1|c|#container.id:other|c:0123', 'a:1|c|#container.id:0123'],
    options: { hasContainer: true },
    shown: ['counter a', '  {b="2",container.id="0123",x="1"} 1', '  {container.id="0123"} 2'],
  },
  {
    name: 'a gauge with a time has it, until one comes without; an older one is not taken',
    packets: ['t:1|g|T1700000000', 't:2|g|T1699999999', 'u:1|g|T1700000000', 'u:2|g', 'n:5|c|T1700000000'],
    shown: ['gauge t', '  {} 1 at 1700000000000', 'gauge u', '  {} 2', 'counter n', '  {} 5'],
    results: { ok: 4, old: 1 },
  },
  {
    name: 'fields that nobody knows are passed over',
    packets: ['a:1|c|e:it-false|card:low|zzz|#x:1|'],
    shown: ['counter a', '  {x="1"} 1'],
  },
  {
    name: 'names have letters of any language, digits and a few signs',
    packets: ['5xx.rate/s-a_b:1|c', 'größe:1|c'],
    shown: ['counter 5xx.rate/s-a_b', '  {} 1', 'counter größe', '  {} 1'],
  },
  {
    name: 'what has one name is of one type',
    packets: ['a:1|c', 'a:1|ms', 'a:1|g', 'd:1|h', 'd:1|d'],
    shown: ['counter a', '  {} 1', 'histogram d', '  {} 1|0|0|0 under 1|10|100 sum 1'],
    results: { ok: 2, metric_type: 3 },
  },
];

for (const { name, packets, options, shown, results } of CASES) {
  test(name, () => {
    const setting = openPackets(options);
    setting.take(...packets);
    assert.deepEqual(setting.shown(), shown);
    if (results !== undefined) assert.deepEqual(setting.results(), { ok: 0, ...results });
  });
}

/** Lines that are wrong, and what is said of them. */
const FAULTS: readonly (readonly [reason: string, lines: readonly string[]])[] = [
  ['name', [':1|c', 'a b:1|c', 'a,k=v:1|c', 'a#k:1|c', 'a\u0000:1|c', `${'x'.repeat(256)}:1|c`, '|c', ' ']],
  ['value', ['a', 'a:|c', 'a:one|c', 'a:1:|c', 'a::1|c', 'a:0x1f|c', 'a:Infinity|g', 'a:NaN|g', 'a:1e301|c']],
  ['value', ['a:-|g', 'a:.|g', 'a:1.2.3|g', 'a:+-1|g', 'a:1e|g', 'a: 1|g', 'a:1,5|g', 'a:--1|g', 'a:|s']],
  ['type', ['a:1', 'a:1|', 'a:1|x', 'a:1|cc', 'a:1|c:2|c', 'a:1| c', 'a:1|m', 'a:1|mss']],
  ['negative', ['a:-1|c', 'a:1:-1|c']],
  ['rate', ['a:1|c|@', 'a:1|c|@0', 'a:1|c|@1.1', 'a:1|c|@-0.5', 'a:1|c|@x', 'a:1|c|@1e-9', 'a:1|g|@2']],
  ['timestamp', ['a:1|g|T', 'a:1|g|T0', 'a:1|g|T-5', 'a:1|g|Tx', 'a:1|g|T1e15', 'a:1|g|T18446744074']],
  ['tags', ['a:1|c|#:v', `a:1|c|#${'k'.repeat(129)}:v`, 'a:1|c|#le:1', 'a:1|c|#otel.metric.overflow:true']],
  ['tags', ['a:1|c|c:', 'a:1|c|c:a b', `a:1|c|#${Array.from({ length: 65 }, (_, i) => `k${i}:v`).join()}`]],
];

for (const [reason, lines] of FAULTS) {
  for (const line of lines) {
    test(`the line ${JSON.stringify(line.slice(0, 40))} is not taken: ${reason}`, () => {
      const setting = openPackets();
      setting.take(`before:1|c\n${line}\nafter:1|c`);
      assert.deepEqual(setting.shown(), ['counter before', '  {} 1', 'counter after', '  {} 1']);
      assert.deepEqual(setting.results(), { ok: 2, [reason]: 1 });
      setting.take(line, line);
      assert.deepEqual(
        setting.log().map(({ reason }) => reason),
        [reason],
        'said once',
      );
    });
  }
}

test('a value is counted as cut each time, and what is cut is one series', () => {
  const setting = openPackets({ maxLabelBytes: 16 });
  for (let i = 0; i < 5; i++) setting.take(`a:1|c|#k:${'x'.repeat(16)}${i % 2}`);
  assert.equal(setting.own.sum('pillion_statsd_cut_tag_values_total'), 5);
  assert.deepEqual(setting.shown(), ['counter a', `  {k="${'x'.repeat(16)}"} 5`]);
});

test('the same tags of other metrics, and other tags of the same length, are other series, time after time', () => {
  const setting = openPackets();
  const names = Array.from({ length: 40 }, (_, i) => `m${i}`);
  const ids = Array.from({ length: 100 }, (_, i) => String(i).padStart(3, '0'));
  for (let round = 1; round <= 3; round++)
    for (const name of names) setting.take(ids.map((id) => `${name}:${round}|c|#id:${id},z:1`).join('\n'));
  for (const name of names) {
    const values = setting.points(name).map((point) => (point.kind === 'number' ? point.value : 0));
    assert.deepEqual(
      values,
      Array.from({ length: 100 }, () => 6),
    );
  }
});

test('what is no UTF-8 is not taken', () => {
  const setting = openPackets();
  setting.takeBytes(Buffer.from('a\xff:1|c\nb:1|c|#k:\xc3\nb:1|c|#\x80:v\n_e{1,1}:\xe9|b', 'latin1'));
  assert.deepEqual(setting.results(), { ok: 0, name: 1, tags: 2, event_form: 1 });
  assert.deepEqual(setting.shown(), []);
});

test('a line has nothing of the longer packet before it', () => {
  const setting = openPackets();
  setting.take('a:1|c|c:12345678|#x:1\nb:12345|c');
  setting.take('a:1|c|c');
  setting.take('a:');
  setting.take('a:1|c|#');
  setting.take('a:1');
  assert.deepEqual(setting.results(), { ok: 4, type: 2 });
  assert.deepEqual(setting.shown(), ['counter a', '  {x="1"} 1', '  {} 2', 'counter b', '  {} 12345']);
});
