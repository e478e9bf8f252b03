import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatsdEvent, parseStatsdEvent } from '../../../src/codec/statsd/statsd-event.ts';

function parse(text: string): Record<string, unknown> | undefined {
  const bytes = Buffer.from(text);
  assert.ok(isStatsdEvent(bytes, 0, bytes.length));
  const event = parseStatsdEvent(bytes, 0, bytes.length);
  return event === undefined ? undefined : { ...event, attributes: Object.fromEntries(event.attributes) };
}

test('an event has its title, text, level and time', () => {
  assert.deepEqual(
    parse('_e{7,12}:Restärt|was\\nkept|b|d:1656581400|h:web-1|k:deploys|p:low|s:chef|t:warning|#env:dev,x'),
    undefined,
    'lengths are of bytes',
  );
  assert.deepEqual(
    parse('_e{8,11}:Restärt|was\\nkept|b|d:1656581400|h:web-1|k:deploys|p:low|s:chef|t:warning|#env:dev,x|c:0123'),
    {
      body: 'was\nkept|b',
      level: 'warning',
      unixSeconds: 1656581400,
      attributes: {
        'dogstatsd.event.title': 'Restärt',
        'dogstatsd.event.aggregation_key': 'deploys',
        'dogstatsd.event.priority': 'low',
        'dogstatsd.event.source_type': 'chef',
        'host.name': 'web-1',
        env: 'dev',
        x: 'true',
      },
    },
  );
});

test('an event may be a title alone, and says nothing of a level that nobody knows', () => {
  const attributes = { 'dogstatsd.event.title': 'Up' };
  assert.deepEqual(parse('_e{2,0}:Up||t:purple|d:x'), {
    body: 'Up',
    level: 'info',
    unixSeconds: undefined,
    attributes,
  });
});

test('a service check has its state and message', () => {
  assert.deepEqual(parse('_sc|db.connect|2|d:1656581400|h:web-1|#env:dev|m:no route|to host\\nat all'), {
    body: 'no route|to host\nat all',
    level: 'critical',
    unixSeconds: 1656581400,
    attributes: {
      'dogstatsd.service_check.name': 'db.connect',
      'dogstatsd.service_check.status': 'critical',
      'host.name': 'web-1',
      env: 'dev',
    },
  });
  assert.equal(parse('_sc|db.connect|0')?.['body'], 'db.connect is ok');
});

const BROKEN = [
  '_e{',
  '_e{1}:a|b',
  '_e{1,1}:a',
  '_e{1,1}:ab|c',
  '_e{1,1}:a|bc',
  '_e{0,1}:|b',
  '_e{999999,1}:a|b',
  '_e{-1,1}:a|b',
  `_e{1,1}:a|b|#${'x,'.repeat(100)}`,
  '_sc|',
  '_sc|a',
  '_sc|a|4',
  '_sc|a|x',
  '_sc||0',
];
for (const text of BROKEN) {
  test(`${JSON.stringify(text.slice(0, 30))} is no event`, () => assert.equal(parse(text), undefined));
}
