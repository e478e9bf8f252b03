import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExpositionError } from '../../../../src/codec/prometheus/parse/exposition-error.ts';
import { parseText } from '../../../../src/codec/prometheus/parse/parse-text.ts';
import { SeriesCache } from '../../../../src/codec/prometheus/parse/series-cache.ts';
import { LabelSet } from '../../../../src/core/label-set.ts';
import { parsedOpenMetrics, parsedText } from './parsed.ts';

const TEXT: readonly { name: string; text: string; expected: string[] }[] = [
  {
    name: 'reads types, help and labels',
    text: '# HELP http_requests_total Requests.\\nAll of them: \\\\o/\n# TYPE http_requests_total counter\nhttp_requests_total{method="post",code="200"} 1027 1395066363000\nhttp_requests_total{method="post",code="400"}    3 1395066363000\n',
    expected: [
      'counter http_requests_total "Requests.\\nAll of them: \\\\o/"',
      '  {code="200",method="post"} 1027 at 1395066363000',
      '  {code="400",method="post"} 3 at 1395066363000',
    ],
  },
  {
    name: 'takes a metric without a word about it as unknown',
    text: 'metric_without_timestamp_and_labels 12.47\n\n# a comment\nsomething_weird{problem="division by zero"} +Inf -3982045\n',
    expected: [
      'unknown metric_without_timestamp_and_labels',
      '  {} 12.47',
      'unknown something_weird',
      '  {problem="division by zero"} Infinity at -3982045',
    ],
  },
  {
    name: 'undoes the escapes of values',
    text: 'a{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9\n',
    expected: ['unknown a', '  {error="Cannot find file:\\n\\"FILE.TXT\\"",path="C:\\\\DIR\\\\FILE.TXT"} 1458255915'],
  },
  {
    name: 'puts histograms together, also out of order',
    text: '# TYPE h histogram\nh_bucket{le="+Inf"} 144320\nh_bucket{le="0.1"} 33444\nh_bucket{le="0.05"} 24054\nh_sum 53423\nh_count 144320\n',
    expected: ['histogram h', '  {} 24054|9390|110876 under 0.05|0.1 sum 53423'],
  },
  {
    name: 'takes a count for a bucket without bound that is not there, and leaves a sum open',
    text: '# TYPE h histogram\nh_bucket{le="1"} 2\nh_count 5\n',
    expected: ['histogram h', '  {} 2|3 under 1 sum undefined'],
  },
  {
    name: 'takes a bucket that counts less than the one before as empty',
    text: '# TYPE h histogram\nh_bucket{le="1"} 5\nh_bucket{le="2"} 4\nh_bucket{le="+Inf"} 6\nh_count 6\nh_sum 7\n',
    expected: ['histogram h', '  {} 5|0|1 under 1|2 sum 7'],
  },
  {
    name: 'puts summaries together',
    text: '# TYPE s summary\ns{quantile="0.99"} 76656\ns{quantile="0.5"} NaN\ns_sum 1.7560473e+07\ns_count 2693\n',
    expected: ['summary s', '  {} 0.5:NaN|0.99:76656 count 2693 sum 17560473'],
  },
  {
    name: 'leaves histograms and summaries without a count out',
    text: '# TYPE h histogram\nh_bucket{le="1"} 5\nh_sum 7\n# TYPE s summary\ns{quantile="1"} 5\n',
    expected: [],
  },
  {
    name: 'joins what stands apart',
    text: '# TYPE a counter\na{x="1"} 1\nb 5\na{x="2"} 2\n',
    expected: ['counter a', '  {x="1"} 1', '  {x="2"} 2', 'unknown b', '  {} 5'],
  },
  {
    name: 'reads names in quotes',
    text: '# TYPE "my.dotted.metric" gauge\n{"my.dotted.metric", "error.message"="Not Found"} 1\n',
    expected: ['gauge my.dotted.metric', '  {error.message="Not Found"} 1'],
  },
  {
    name: 'passes over blanks, commas at the end, and types that it does not know',
    text: '#  TYPE  a  gaugeish \n\ta \t{ x = "1" , y="2", } \t 1  \n',
    expected: ['unknown a', '  {x="1",y="2"} 1'],
  },
  {
    name: 'knows the gauges that say when counting began',
    text: '# TYPE a_total counter\na_total{x="1"} 5\n# TYPE a_created gauge\na_created{x="1"} 1.5e9\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count 1\nh_sum 2\n# TYPE h_created gauge\nh_created 3\n# TYPE b_created gauge\nb_created 7\n',
    expected: [
      'counter a_total',
      '  {x="1"} 5 from 1500000000000',
      'histogram h',
      '  {} 1 under  sum 2 from 3000',
      'gauge b_created',
      '  {} 7',
    ],
  },
  {
    name: 'takes a start that is no time for one that is not known',
    text: '# TYPE a_total counter\na_total{x="1"} 5\na_total{x="2"} 5\na_total{x="3"} 5\n# TYPE a_created gauge\na_created{x="1"} NaN\na_created{x="2"} 0\na_created{x="3"} 1e300\n# TYPE h histogram\nh_count 1\n# TYPE h_created gauge\nh_created +Inf\n',
    expected: [
      'counter a_total',
      '  {x="1"} 5',
      '  {x="2"} 5',
      '  {x="3"} 5',
      'histogram h',
      '  {} 1 under  sum undefined',
    ],
  },
  {
    name: 'leaves values out whose time or count nobody can write',
    text: 'a 1 1e300\nb 1 -9223372036854775808\n# TYPE s summary\ns_count +Inf\n# TYPE h histogram\nh_count 1e300\n',
    expected: [],
  },
  {
    name: 'takes the words of metadata alone for a comment',
    text: '# HELP\n# TYPE \n#\na 1\n',
    expected: ['unknown a', '  {} 1'],
  },
  { name: 'leaves empty values of labels out', text: 'a{x=""} 1\n', expected: ['unknown a', '  {} 1'] },
  {
    name: 'reads the last line without its end',
    text: 'a 1\nb 2',
    expected: ['unknown a', '  {} 1', 'unknown b', '  {} 2'],
  },
  { name: 'reads nothing as nothing', text: '', expected: [] },
];

for (const { name, text, expected } of TEXT) {
  test(`parseText() ${name}`, () => assert.deepEqual(parsedText(text), expected));
}

const BAD_TEXT: readonly (readonly [what: string, text: string])[] = [
  ['no value', 'a\n'],
  ['two values', 'a 1 2 3\n'],
  ['a value that is none', 'a 0x10\n'],
  ['digits with underscores', 'a 1_000\n'],
  ['an exemplar', 'a 1 # {x="1"} 1\n'],
  ['labels that are not closed', 'a{x="1" 1\n'],
  ['a label twice', 'a{x="1",x="2"} 1\n'],
  ['a name that is none', 'a-b 1\n'],
  ['two names', 'a{"b"} 1\n'],
  ['bytes that are no UTF-8', 'a{x="\xff"} 1\n'],
  ['carriage returns', 'a 1\r\n'],
];

for (const [what, text] of BAD_TEXT) {
  test(`parseText() refuses ${what}`, () => {
    const options = { cache: new SeriesCache(), honorTimestamps: true };
    assert.throws(() => parseText(Buffer.from(text, 'latin1'), options), ExpositionError);
  });
}

const OPENMETRICS: readonly { name: string; text: string; expected: string[] }[] = [
  {
    name: 'reads units, exemplars and the time when counting began',
    text: '# TYPE foo_seconds counter\n# UNIT foo_seconds seconds\n# HELP foo_seconds Time.\nfoo_seconds_total{a="b"} 17.5 1520879607.789 # {trace_id="x"} 0.5 1520879607\nfoo_seconds_created{a="b"} 1520872607.123 1520879607.789\n# EOF\n',
    expected: [
      'counter foo_seconds_total [s] "Time."',
      '  {a="b"} 17.5 exemplar 0.5 from 1520872607123 at 1520879607789',
    ],
  },
  {
    name: 'names metrics of one number as their samples are named',
    text: '# TYPE build info\nbuild_info{v="1"} 1\n# TYPE s stateset\ns{s="on"} 1\ns{s="off"} 0\n# EOF\n',
    expected: ['info build_info', '  {v="1"} 1', 'state_set s', '  {s="on"} 1', '  {s="off"} 0'],
  },
  {
    name: 'takes the last of several points of a histogram',
    text: '# TYPE h histogram\nh_bucket{le="+Inf"} 1 10\nh_sum 1 10\nh_count 1 10\nh_bucket{le="+Inf"} 3 20\nh_sum 5 20\nh_count 3 20\n# EOF\n',
    expected: ['histogram h', '  {} 3 under  sum 5 at 20000'],
  },
  {
    name: 'takes a start that is no time for one that is not known',
    text: '# TYPE a counter\na_total 1\na_created NaN\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\nh_created +Inf\n# EOF\n',
    expected: ['counter a_total', '  {} 1', 'histogram h', '  {} 1 under  sum 1'],
  },
  {
    name: 'knows histograms of what is there now',
    text: '# TYPE g gaugehistogram\ng_bucket{le="1.0"} 2\ng_bucket{le="+Inf"} 3\ng_gcount 3\ng_gsum 4\n# EOF\n',
    expected: ['gauge_histogram g', '  {} 2|1 under 1 sum 4'],
  },
];

for (const { name, text, expected } of OPENMETRICS) {
  test(`parseOpenMetrics() ${name}`, () => assert.deepEqual(parsedOpenMetrics(text), expected));
}

test('parseOpenMetrics() says in which line what is wrong', () => {
  assert.throws(() => parsedOpenMetrics('# TYPE a counter\na_total 1\na_total 2\n# EOF\n'), {
    message: 'Line 3: sample is there twice',
  });
});

test('parseText() counts samples, repeats, and what cannot be told', () => {
  const text = '# TYPE h histogram\nh_sum 1\na{x="1",y="2"} 1\na{y="2",x="1"} 2\n';
  const parsed = parseText(Buffer.from(text), { cache: new SeriesCache(), honorTimestamps: false });
  assert.deepEqual([parsed.samples, parsed.duplicates, parsed.incomplete], [3, 1, 1]);
  assert.deepEqual(
    parsed.families.flatMap(({ points }) => points.map((point) => point.kind === 'number' && point.value)),
    [1],
  );
});

test('parseText() gives a series the same label set in each exposition, until one is without it', () => {
  const cache = new SeriesCache();
  const labelsOf = (text: string): (LabelSet | undefined)[] => {
    const { families } = parseText(Buffer.from(text), { cache, honorTimestamps: true });
    cache.endExposition();
    return families.flatMap(({ points }) => points.map(({ labels }) => labels));
  };
  const [first] = labelsOf('a{x="1"} 1\nb{x="1"} 1\n');
  assert.deepEqual(labelsOf('a{x="1"} 2\nc{x="1"} 5\n'), [first, first]);
  assert.equal(labelsOf('c{x="1"} 1\n')[0], first);
  labelsOf('d 1\n');
  assert.notEqual(labelsOf('c{x="1"} 1\n')[0], first);
});

test('parseText() asks once what a sample is to be called', () => {
  const asked: string[] = [];
  const cache = new SeriesCache((name, labels) => {
    asked.push(name);
    if (labels.get('le') === '2') return undefined;
    return { name: name.replace('old', 'new'), labels: LabelSet.of([...labels, ['job', 'x']]) };
  });
  const text =
    '# TYPE old_h histogram\nold_h_bucket{le="1"} 1\nold_h_bucket{le="2"} 3\nold_h_bucket{le="+Inf"} 4\nold_h_count 4\n';
  for (let round = 0; round < 2; round++) {
    const { families } = parseText(Buffer.from(text), { cache, honorTimestamps: true });
    cache.endExposition();
    const [family] = families;
    const [point] = family!.points;
    assert.ok(point?.kind === 'histogram');
    assert.deepEqual([family!.name, point.bounds, point.counts, point.labels.get('job')], ['new_h', [1], [1, 3], 'x']);
  }
  assert.equal(asked.length, 4);
});
