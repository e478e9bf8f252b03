import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseOpenMetrics, parseText } from '../../src/codec/prometheus/parse/parse-text.ts';
import { SeriesCache } from '../../src/codec/prometheus/parse/series-cache.ts';
import { compareNames } from '../../src/core/label-set.ts';
import type { MetricFamily } from '../../src/core/metric.ts';
import type { ReceivedSeries } from '../harness/remote-write-reference.ts';
import { producerOf, type ReceivedWrite, writeReceiver, writeSinkOf } from '../sinks/remote-write/write-receiver.ts';

const PATH = join(import.meta.dirname, '../../../shared/corpora/prometheus-compliance/remote-write-sender-tests.json');
const skip = existsSync(PATH) ? false : 'the corpora are not here';

/** A case of the compliance suite of Prometheus for senders: what is scraped, and what must be sent of it. */
interface ComplianceCase {
  readonly name: string;
  readonly level: string;
  readonly description: string;
  readonly scrape_data: string;
}

const cases = skip ? [] : (JSON.parse(readFileSync(PATH, 'utf8')) as ComplianceCase[]);

/** What the time is for the sets of `producerOf()`. */
const NOW_MS = 1_700_000_000_000;

type Check = (sent: ReceivedWrite, v1: ReceivedWrite) => void;

/** Cases about what is in a request: what must hold beside what holds for all. */
const CHECKS: Readonly<Record<string, Check>> = {
  efficient_symbol_reuse: ({ symbols }) => assert.equal(symbols.filter((text) => text === 'service').length, 1),
  metadata_batching: ({ series }) => assert.ok(series.every(({ metadata }) => metadata?.help !== '')),
  multiple_series_per_request: ({ series }) => assert.ok(series.length > 1),
  histogram_with_metadata_and_exemplars: ({ series }) => {
    assert.equal(named(series, 'request_duration_seconds_bucket')[0]?.metadata?.type, 3);
    assert.equal(exemplars(series)[0]?.labels['trace_id'], 'hist123');
  },
  samples_with_metadata: ({ series }) => assert.equal(series[0]?.metadata?.type, 1),
  mixed_labels_and_metadata: ({ series }) => assert.ok(series[0]?.metadata?.help),
  real_world_scenario: ({ series }) => {
    assert.deepEqual(
      named(series, 'http_requests_total')
        .map(({ value }) => value)
        .sort(),
      [1000, 5000],
    );
    assert.equal(named(series, 'http_request_duration_seconds_bucket').length, 5);
  },
  samples_with_exemplars: ({ series }) => assert.equal(exemplars(series)[0]?.labels['span_id'], 'def456'),
  unicode_in_labels: ({ series }) => assert.equal(series[0]?.labels['emoji'], '🚀'),
  zero_timestamp: ({ series }) => assert.equal(series[0]?.unixMs, 0),
  mixed_sample_and_histogram_families: ({ series }) => {
    const names = new Set(series.map(({ labels }) => labels['__name__']));
    for (const name of ['requests_total', 'temperature_celsius', 'response_time_bucket', 'rpc_duration_count']) {
      assert.ok(names.has(name), name);
    }
  },
  exemplar_with_span_id: ({ series }) => assert.equal(exemplars(series)[0]?.labels['span_id'], 'def456'),
  exemplar_custom_labels: ({ series }) => assert.equal(exemplars(series)[0]?.labels['user_id'], 'user123'),
  exemplar_timestamp_valid: ({ series }) => assert.equal(exemplars(series)[0]?.unixMs, 1234567890123),
  multiple_exemplars_per_series: ({ series }) =>
    assert.deepEqual(
      exemplars(series).map(({ labels }) => labels['trace_id']),
      ['ex1', 'ex2'],
    ),
  exemplar_labels_even_length: ({ series }) => assert.equal(exemplars(series).length, 1),
  histogram_empty_buckets: ({ series }) => assert.equal(named(series, 'test_histogram_count')[0]?.value, 0),
  histogram_large_counts: ({ series }) => assert.equal(named(series, 'test_histogram_count')[0]?.value, 1e9),
  histogram_buckets_ordered: ({ series }) => {
    const bounds = named(series, 'request_duration_bucket').map(({ labels }) =>
      Number(labels['le']?.replace('+Inf', 'Infinity')),
    );
    assert.deepEqual(
      bounds,
      bounds.toSorted((a, b) => a - b),
    );
    assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
  },
  special_chars_in_label_values: ({ series }) => assert.equal(series[0]?.labels['query'], 'foo=bar&baz=qux'),
  label_lexicographic_ordering: ({ series }) =>
    assert.deepEqual(series[0]?.labelNames, ['__name__', 'aaa', 'bbb', 'instance', 'job', 'zzz']),
  label_values_may_be_empty: ({ series }) => assert.equal(series[0]?.labels['empty'], undefined),
  metric_name_format_valid: ({ series }) =>
    assert.equal(series[0]?.labels['__name__'], 'valid_metric_name:subsystem_total'),
  many_labels_per_series: ({ series }) => assert.equal(series[0]?.labelNames.length, 13),
  metadata_type_counter: ({ series }) => assert.equal(series[0]?.metadata?.type, 1),
  metadata_empty_help_allowed: ({ series }) => assert.equal(series[0]?.metadata?.help, ''),
  metadata_help_text: ({ series }) => assert.equal(series[0]?.metadata?.help, 'The total number of HTTP requests'),
  metadata_type_gauge: ({ series }) => assert.equal(series[0]?.metadata?.type, 2),
  metadata_type_summary: ({ series }) => assert.equal(series[0]?.metadata?.type, 5),
  metadata_help_with_special_chars: ({ series }) =>
    assert.match(series[0]?.metadata?.help ?? '', /"quotes" and \\backslashes/),
  rw1_symbol_table_not_used: (_, v1) => assert.equal(v1.series.length, 2),
  rw1_labels_encoding: (_, v1) => assert.equal(v1.series[0]?.labels['label'], 'value'),
  rw1_metadata_handling: (_, v1) => assert.equal(v1.metadata[0]?.help, 'Test metric description'),
  float_value_encoding: ({ series }) => assert.equal(series[0]?.value, 123.45),
  positive_infinity_encoding: ({ series }) => assert.equal(series[0]?.value, Number.POSITIVE_INFINITY),
  integer_value_encoding: ({ series }) => assert.equal(series[0]?.value, 42),
  zero_value_encoding: ({ series }) => assert.equal(series[0]?.value, 0),
  nan_encoding: ({ series }) => assert.ok(Number.isNaN(series[0]?.value)),
  precision_preservation: ({ series }) => assert.equal(series[0]?.value, 0.123456789012345),
  job_instance_labels_present: ({ series }) => {
    assert.equal(series[0]?.labels['job'], 'shop');
    assert.equal(series[0]?.labels['instance'], 'pod:80');
  },
  start_timestamp_zero_handling: ({ series }) => assert.equal(series[0]?.startUnixMs, 0),
  empty_scrape: () => {},
  version_header_present: ({ headers }) => assert.ok(headers['x-prometheus-remote-write-version']),
  version_header_value: ({ headers }) => assert.equal(headers['x-prometheus-remote-write-version'], '2.0.0'),
  rw1_version_header: (_, { headers }) => assert.equal(headers['x-prometheus-remote-write-version'], '0.1.0'),
  content_type_protobuf: ({ headers }, v1) => {
    assert.match(headers['content-type'] ?? '', /^application\/x-protobuf(;|$)/);
    assert.equal(v1.headers['content-type'], 'application/x-protobuf');
  },
  user_agent_present: ({ headers }) => assert.equal(headers['user-agent'], 'pillion/1.2.3'),
  timestamp_recent: ({ series }) => assert.equal(series[0]?.unixMs, NOW_MS),
  timestamp_milliseconds_format: ({ series }) => assert.equal(series[0]?.unixMs, NOW_MS),
  histogram_no_mixed_with_samples: ({ series }) =>
    assert.ok(series.every(({ value, histogram }) => (value === undefined) !== (histogram === undefined))),
};

/** Cases that ask for no more than `assertValid()` looks at in every request. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  ...['label_names_not_empty', 'label_name_format_valid', 'metric_name_label_present'],
  // References to nothing are refused where requests are decoded.
  ...['protobuf_parseable', 'metadata_help_refs_valid', 'labels_refs_valid_indices', 'empty_string_at_index_zero'],
  ...['timestamp_int64_milliseconds', 'start_timestamp_before_sample_timestamp'],
  ...['start_timestamp_for_histograms', 'start_timestamp_for_counters'],
]);

/** Cases about what is sent again, and about other settings: the tests of the sink hold them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  exponential_backoff_on_retries: 'test/delivery/backoff.test.ts',
  backoff_max_delay: 'test/delivery/backoff.test.ts',
  TestConcurrentRequests: 'MAY; requests go out one after another, so that samples stay in order',
  TestRobustnessUnderLoad: 'test/delivery/metric-push.test.ts',
  very_long_metric_name: 'its text is made by the suite',
  stale_marker: 'test/sinks/remote-write/sink.test.ts; its text is no exposition',
  high_cardinality: 'its text is made by the suite',
  handle_timeout: 'test/sinks/remote-write/sink.test.ts',
  handle_malformed_response: 'test/sinks/remote-write/sink.test.ts',
  TestNetworkErrors: 'test/sinks/remote-write/sink.test.ts',
  handle_invalid_status_code: 'test/sinks/remote-write/judge-answer.test.ts',
  handle_connection_refused: 'test/sinks/remote-write/sink.test.ts',
  histogram_positive_buckets: 'MAY; test/codec/remote-write/encode.test.ts: its text has no native histogram',
  histogram_negative_buckets: 'MAY; test/codec/remote-write/encode.test.ts: its text has no native histogram',
  TestContentTypeNegotiation: 'test/sinks/remote-write/sink.test.ts',
  TestRemoteWrite1Configuration: 'test/sinks/remote-write/sink.test.ts',
  TestSampleOrdering: 'test/delivery/metric-push.test.ts',
  TestSymbolTableEfficiency: 'test/codec/remote-write/encode.test.ts',
  histogram_schema: 'test/codec/remote-write/encode.test.ts: its text has no native histogram',
  retry_with_different_version: 'test/sinks/remote-write/sink.test.ts',
  fallback_header_changes: 'test/sinks/remote-write/sink.test.ts',
  persistent_fallback_choice: 'test/sinks/remote-write/sink.test.ts',
  accept_success_after_fallback: 'test/sinks/remote-write/sink.test.ts',
  handle_200_ok: 'test/sinks/remote-write/judge-answer.test.ts',
  ignore_response_body_on_success: 'test/sinks/remote-write/judge-answer.test.ts',
  handle_large_error_body: 'test/sinks/remote-write/judge-answer.test.ts',
  log_error_messages_verbatim: 'test/sinks/remote-write/sink.test.ts',
  retry_on_500: 'test/sinks/remote-write/sink.test.ts',
  retry_on_502: 'test/sinks/remote-write/sink.test.ts',
  retry_on_504: 'test/sinks/remote-write/sink.test.ts',
  no_retry_on_400: 'test/sinks/remote-write/sink.test.ts',
  no_retry_on_413: 'test/sinks/remote-write/sink.test.ts',
};

function named(series: readonly ReceivedSeries[], name: string): ReceivedSeries[] {
  return series.filter(({ labels }) => labels['__name__'] === name);
}

function exemplars(series: readonly ReceivedSeries[]) {
  return series.flatMap(({ exemplars }) => exemplars);
}

/** The families of an exposition; those with exemplars are OpenMetrics, but for the name of their counters. */
function familiesOf(text: string): readonly MetricFamily[] {
  const options = { cache: new SeriesCache(), honorTimestamps: true };
  if (!text.includes(' # {')) return parseText(Buffer.from(text.endsWith('\n') ? text : `${text}\n`), options).families;
  const asOpenMetrics = text
    .replaceAll(/^(# TYPE )(\S+(?<!_total)) counter\n\2(?=[ {])/gm, '$1$2 counter\n$2_total')
    .replaceAll('_total counter\n', ' counter\n');
  return parseOpenMetrics(Buffer.from(`${asOpenMetrics}# EOF\n`), options).families;
}

/** What must hold for every request. */
function assertValid({ series, symbols, version }: ReceivedWrite): void {
  if (version === 'v2') assert.equal(symbols[0], '');
  for (const { labels, labelNames, unixMs, startUnixMs, exemplars } of series) {
    assert.match(labels['__name__'] ?? '', /^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
    assert.deepEqual(labelNames, [...new Set(labelNames)].sort(compareNames));
    for (const [name, value] of Object.entries(labels)) {
      assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
      assert.notEqual(value, '');
    }
    assert.ok(Number.isSafeInteger(unixMs) && startUnixMs <= unixMs);
    for (const exemplar of exemplars) assert.ok(exemplar.unixMs > 0);
  }
}

for (const { name, level, description, scrape_data: text } of cases) {
  if (name in ELSEWHERE) continue;
  test(`remote write, ${level}: ${description} (${name})`, async (t) => {
    const families = familiesOf(text ?? '');
    const sent: ReceivedWrite[] = [];
    for (const protocol of ['v2', 'v1']) {
      const receiver = await writeReceiver(t);
      const { sink, clock, points } = await writeSinkOf(t, { endpoint: receiver.url, protocol });
      sink.addMetrics?.(producerOf(families).producer);
      await clock.advance(15_000);
      if (families.length === 0) {
        await sink.flush(new AbortController().signal);
        assert.equal(receiver.received.length, 0);
        return;
      }
      await receiver.untilReceived(1);
      await sink.flush(AbortSignal.abort());
      assert.equal(points('rejected'), 0);
      const [first] = receiver.received;
      assert.ok(first !== undefined && first.series.length > 0);
      assertValid(first);
      sent.push(first);
    }
    CHECKS[name]?.(sent[0]!, sent[1]!);
  });
}

test('each case of the compliance suite is looked at, here or in a test that is named', { skip }, () => {
  const looked = [...Object.keys(CHECKS), ...EVERYWHERE, ...Object.keys(ELSEWHERE)];
  assert.deepEqual(looked.toSorted(), cases.map(({ name }) => name).toSorted());
  for (const place of Object.values(ELSEWHERE)) {
    const [file] = /test\/\S+\.ts/.exec(place) ?? [];
    assert.ok(file === undefined || existsSync(join(import.meta.dirname, '../..', file)), place);
  }
});
