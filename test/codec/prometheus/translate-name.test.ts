import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type TranslationStrategy,
  translateLabelName,
  translateMetricName,
} from '../../../src/codec/prometheus/translate-name.ts';
import { unitOfWord, unitWord } from '../../../src/codec/prometheus/units.ts';
import type { MetricType } from '../../../src/core/metric.ts';

const NAMES: readonly (readonly [name: string, type: MetricType, unit: string, expected: string])[] = [
  ['http.server.request.duration', 'histogram', 's', 'http_server_request_duration_seconds'],
  ['http.server.request.duration.seconds', 'histogram', 's', 'http_server_request_duration_seconds'],
  ['http.requests', 'counter', '{request}', 'http_requests_total'],
  ['http_requests_total', 'counter', '', 'http_requests_total'],
  ['total.requests', 'counter', '', 'requests_total'],
  ['network.io', 'counter', 'By', 'network_io_bytes_total'],
  ['network_io_bytes_total', 'counter', 'By', 'network_io_bytes_total'],
  ['speed', 'gauge', 'm/s', 'speed_meters_per_second'],
  ['requests', 'gauge', '{request}/s', 'requests_per_second'],
  ['cpu.utilization', 'gauge', '1', 'cpu_utilization_ratio'],
  ['cpu.utilization', 'up_down_counter', '1', 'cpu_utilization'],
  ['a..b--c', 'gauge', '', 'a_b_c'],
  ['_leading__runs_', 'gauge', '', 'leading_runs'],
  ['3d.frames', 'gauge', '', '_3d_frames'],
  ['größe', 'gauge', 'By', 'gr_e_bytes'],
  ['odd', 'gauge', 'req/fortnight', 'odd_req_per_fortnight'],
  ['odd', 'gauge', 'foo.bar', 'odd_foo_bar'],
  ['busy', 'gauge', '%', 'busy_percent'],
  ['namespace:job', 'gauge', '', 'namespace:job'],
  ['', 'gauge', '', '_'],
];

for (const [name, type, unit, expected] of NAMES) {
  test(`translateMetricName() makes ${expected} of ${JSON.stringify(name)} (${type}, unit ${JSON.stringify(unit)})`, () => {
    assert.equal(translateMetricName({ name, type, unit }, 'underscore_escaping_with_suffixes'), expected);
  });
}

const STRATEGIES: readonly (readonly [TranslationStrategy, string, string])[] = [
  ['underscore_escaping_with_suffixes', 'http_server_errors_seconds_total', 'http_route'],
  ['underscore_escaping_without_suffixes', 'http_server_errors', 'http_route'],
  ['no_utf8_escaping_with_suffixes', 'http.server.errors_seconds_total', 'http.route'],
  ['no_translation', 'http.server.errors', 'http.route'],
];

for (const [strategy, name, label] of STRATEGIES) {
  test(`${strategy} shows a counter as ${name} and an attribute as ${label}`, () => {
    assert.equal(translateMetricName({ name: 'http.server.errors', type: 'counter', unit: 's' }, strategy), name);
    assert.equal(translateLabelName('http.route', strategy), label);
  });
}

test('no_utf8_escaping_with_suffixes says no unit and no type twice', () => {
  const strategy = 'no_utf8_escaping_with_suffixes';
  assert.equal(
    translateMetricName({ name: 'io.bytes_total', type: 'counter', unit: 'By' }, strategy),
    'io.bytes_total',
  );
  assert.equal(translateMetricName({ name: 'load_ratio', type: 'gauge', unit: '1' }, strategy), 'load_ratio');
});

test('translateLabelName() makes a name of any text', () => {
  const strategy = 'underscore_escaping_with_suffixes';
  assert.equal(translateLabelName('a.-b', strategy), 'a_b');
  assert.equal(translateLabelName('2xx', strategy), 'key_2xx');
  assert.equal(translateLabelName('__name__', strategy), '_name_');
  assert.equal(translateLabelName('名', strategy), '_');
});

for (const unit of ['s', 'By', 'KiBy', 'Cel', '%', 'm/s', 'By/s', 'ms', 'd']) {
  test(`unitOfWord() undoes unitWord() of ${unit}`, () => assert.equal(unitOfWord(unitWord(unit)), unit));
}

test('unitOfWord() leaves words alone that it does not know', () => {
  for (const word of ['apples', 'per_apple', 'apples_per_tree', '']) assert.equal(unitOfWord(word), word);
});
