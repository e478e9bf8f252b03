import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Metrics } from '../../src/telemetry/metrics.ts';

const READ = 'pillion_source_read_bytes_total';
const DROPPED = 'pillion_dropped_records_total';

describe('Metrics', () => {
  test('counter() gives one counter a name and set of labels, whatever the order of the labels', () => {
    const metrics = new Metrics();
    const counter = metrics.counter(DROPPED, { component: 'a', reason: 'filter' });
    assert.equal(metrics.counter(DROPPED, { reason: 'filter', component: 'a' }), counter);
    assert.notEqual(metrics.counter(DROPPED, { component: 'a', reason: 'limit' }), counter);
    assert.notEqual(metrics.counter(READ, { component: 'a', reason: 'filter' }), counter);
  });

  test('counter() tells label values apart however they are written', () => {
    const metrics = new Metrics();
    const counter = metrics.counter(DROPPED, { a: 'b","c":"d' });
    assert.notEqual(metrics.counter(DROPPED, { a: 'b', c: 'd' }), counter);
  });

  test('series() has every counter and gauge with its value of now', () => {
    const metrics = new Metrics();
    let unread = 1;
    metrics.gauge('pillion_source_unread_bytes', { component: 'a' }, () => unread);
    metrics.counter(READ, { component: 'a' }).add(5);
    metrics.counter(READ, { component: 'a' }).add(2);
    unread = 3;
    assert.deepEqual(metrics.series(), [
      { name: READ, labels: { component: 'a' }, value: 7 },
      { name: 'pillion_source_unread_bytes', labels: { component: 'a' }, value: 3 },
    ]);
  });

  test('sum() adds the series that have the labels asked for', () => {
    const metrics = new Metrics();
    metrics.counter(DROPPED, { component: 'a', reason: 'filter' }).add(1);
    metrics.counter(DROPPED, { component: 'a', reason: 'limit' }).add(10);
    metrics.counter(DROPPED, { component: 'b', reason: 'filter' }).add(100);
    metrics.counter(READ, { component: 'a' }).add(1000);
    assert.equal(metrics.sum(DROPPED), 111);
    assert.equal(metrics.sum(DROPPED, { component: 'a' }), 11);
    assert.equal(metrics.sum(DROPPED, { component: 'a', reason: 'limit' }), 10);
    assert.equal(metrics.sum(DROPPED, { component: 'c' }), 0);
  });

  test('gauge() takes the place of the one of that name and those labels', () => {
    const metrics = new Metrics();
    metrics.gauge('pillion_source_unread_bytes', { component: 'a' }, () => 1);
    metrics.gauge('pillion_source_unread_bytes', { component: 'a' }, () => 2);
    assert.deepEqual(metrics.series(), [{ name: 'pillion_source_unread_bytes', labels: { component: 'a' }, value: 2 }]);
  });

  test('retire() takes out the gauges of a scope, and neither counters nor what has taken their place', () => {
    const metrics = new Metrics();
    const [first, second] = [metrics.scope(), metrics.scope()];
    first.counter(READ, {}).add(1);
    first.gauge('pillion_source_unread_bytes', { component: 'a' }, () => 1);
    first.gauge('pillion_source_unread_bytes', { component: 'b' }, () => 1);
    second.gauge('pillion_source_unread_bytes', { component: 'b' }, () => 2);
    first.retire();
    assert.deepEqual(metrics.series(), [
      { name: READ, labels: {}, value: 1 },
      { name: 'pillion_source_unread_bytes', labels: { component: 'b' }, value: 2 },
    ]);
  });
});
