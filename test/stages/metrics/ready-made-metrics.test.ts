import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { StageDefinition } from '../../../src/component/definition.ts';
import { loadConditions } from '../../../src/condition/library.ts';
import { httpMetricsStage } from '../../../src/stages/metrics/http-metrics.ts';
import { severityMetricsStage } from '../../../src/stages/metrics/severity-metrics.ts';
import { registryOf, shown } from '../../harness/registry.ts';
import { assertExample, batchOfObjects, buildStage, optionErrors, stageContext } from '../stage-fixture.ts';

before(loadConditions);

/** What a stage counts of records that are JSON objects; of histograms, their count and sum. */
function counted<Options>(
  definition: StageDefinition<Options>,
  options: unknown,
  objects: readonly string[],
  prepare: (record: number) => number = () => 0,
): Record<string, unknown> {
  const { registry } = registryOf({ isVolatile: true });
  const context = { ...stageContext(), instruments: registry };
  const batch = batchOfObjects(objects, context.keys);
  for (let record = 0; record < batch.count; record++) batch.severityNumber[record] = prepare(record);
  const used = batch.byteLength;
  buildStage(definition, options, context).process(batch);
  assert.equal(batch.byteLength, used, 'it leaves something in the arena');
  registry.seal({ onCommit: (counts) => counts.commit() });
  const found = Object.entries(shown(registry)).map(([series, state]) => {
    if (typeof state !== 'object' || state === null) return [series, state] as const;
    const { count, sum } = state as { count: number; sum: number };
    return [series, [count, sum]] as const;
  });
  return Object.fromEntries(found);
}

describe('http_metrics', () => {
  const REQUEST = '"http.request.method":"GET","http.response.status_code":200';
  for (const { name, options = {}, objects, expected } of [
    {
      name: 'counts requests by their duration, by the label of each part that there is',
      objects: [
        `{${REQUEST},"nginx.request_time":0.25}`,
        `{${REQUEST},"nginx.request_time":"0.5","http.route":"/cart/{id}","url.scheme":"https"}`,
      ],
      expected: {
        'http.server.request.duration{http.request.method="GET",http.response.status_code="200"}': [1, 0.25],
        'http.server.request.duration{http.request.method="GET",http.response.status_code="200",http.route="/cart/{id}",url.scheme="https"}':
          [1, 0.5],
      },
    },
    {
      name: 'counts requests without a duration, or with one that is none, in a counter',
      objects: [
        `{${REQUEST}}`,
        `{${REQUEST},"envoy.duration":-1}`,
        `{${REQUEST},"envoy.duration":"-"}`,
        `{${REQUEST},"envoy.duration":null}`,
      ],
      expected: { 'http.server.requests{http.request.method="GET",http.response.status_code="200"}': 4 },
    },
    {
      name: 'says what went wrong with 5xx, and passes over what is no request',
      objects: [
        '{"http.request.method":"PUT","http.response.status_code":503,"haproxy.time_total":9}',
        '{"http.request.method":"PUT"}',
        '{"http.response.status_code":99}',
        '{"http.response.status_code":600}',
        '{"http.response.status_code":"4o4"}',
        '{"msg":"hi"}',
      ],
      expected: {
        'http.server.request.duration{error.type="503",http.request.method="PUT",http.response.status_code="503"}': [
          1, 0.009,
        ],
      },
    },
    {
      name: 'has one label for all methods that HTTP does not know',
      objects: [
        '{"http.request.method":"FOO","http.response.status_code":"400"}',
        '{"http.request.method":"get","http.response.status_code":400}',
      ],
      expected: { 'http.server.requests{http.request.method="_OTHER",http.response.status_code="400"}': 2 },
    },
    {
      name: 'takes a duration of its own, and further labels',
      options: { duration: 'took', duration_unit: 'us', labels: { host: 'server.address', 'http.route': 'x' } },
      objects: [`{${REQUEST},"took":1500,"server.address":"shop","nginx.request_time":7}`],
      expected: {
        'http.server.request.duration{host="shop",http.request.method="GET",http.response.status_code="200"}': [
          1, 0.0015,
        ],
      },
    },
  ]) {
    test(name, () => assert.deepEqual(counted(httpMetricsStage, options, objects), expected));
  }

  test('counts each request under its own labels, however often the same ones come', () => {
    const part = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
    const request = fc.record({
      method: part([undefined, 'GET', 'PUT', 'QUERY', 'FOO']),
      status: part([undefined, 100, 200, 201, 500, 599, 60, 'x00']),
      route: part([undefined, undefined, '/a', '/b']),
      scheme: part([undefined, undefined, 'https']),
      took: part([undefined, 0.5, 2]),
      tier: part([undefined, 'web']),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), fc.boolean(), (requests, hasTier) => {
        const expected: Record<string, number> = {};
        for (const { method, status, route, scheme, took, tier } of requests) {
          if (typeof status !== 'number' || status < 100) continue;
          const labels = {
            'error.type': status >= 500 ? status : undefined,
            'http.request.method': method === 'FOO' ? '_OTHER' : method,
            'http.response.status_code': status,
            'http.route': route,
            tier: hasTier ? tier : undefined,
            'url.scheme': scheme,
          };
          const pairs = Object.entries(labels).flatMap(([name, value]) =>
            value === undefined ? [] : [`${name}="${value}"`],
          );
          const metric = took === undefined ? 'http.server.requests' : 'http.server.request.duration';
          const series = `${metric}{${pairs.join(',')}}`;
          expected[series] = (expected[series] ?? 0) + 1;
        }
        const objects = requests.map(({ method, status, route, scheme, took, tier }) =>
          JSON.stringify({
            ...{ 'http.request.method': method, 'http.response.status_code': status, 'http.route': route },
            ...{ 'url.scheme': scheme, took, tier },
          }),
        );
        const options = { duration: 'took', ...(hasTier ? { labels: { tier: 'tier' } } : {}) };
        const found = Object.entries(counted(httpMetricsStage, options, objects)).map(([series, state]) => {
          return [series, Array.isArray(state) ? (state[0] as number) : state] as const;
        });
        assert.deepEqual(Object.fromEntries(found), expected);
      }),
    );
  });

  test('refuses an expression that is wrong', () => {
    assert.equal(optionErrors(httpMetricsStage, { duration: 'a b' })[0]?.path[0], 'duration');
    assert.deepEqual(optionErrors(httpMetricsStage, { labels: { le: 'x' } })[0]?.path, ['labels', 'le']);
  });

  test('runs as its example says', () => assertExample(httpMetricsStage));
});

describe('severity_metrics', () => {
  test('counts records by severity, with further labels', () => {
    const objects = Array.from({ length: 25 }, (_, i) => `{"logger":"${i < 24 ? 'a' : 'b'}"}`);
    const found = counted(severityMetricsStage, { labels: ['logger'] }, objects, (record) => record);
    const four = Object.fromEntries(
      ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'].map((name) => [`log.records{logger="a",severity="${name}"}`, 4]),
    );
    assert.deepEqual(found, {
      'log.records{logger="a",severity="UNSPECIFIED"}': 1,
      ...four,
      'log.records{logger="a",severity="FATAL"}': 3,
      'log.records{logger="b",severity="FATAL"}': 1,
    });
  });

  test('runs as its example says', () => assertExample(severityMetricsStage));
});
