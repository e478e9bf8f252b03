import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyValue } from '../../../src/codec/otlp/decode-logs.ts';
import { describeRecord } from '../../../src/commands/demo/describe-record.ts';

function describe(body: AnyValue, attributes: Map<string, AnyValue>): string {
  const record = {
    timeUnixNano: 1_767_323_045_678_901_234n,
    observedTimeUnixNano: 0n,
    severityNumber: 17,
    severityText: '50',
    body,
    attributes,
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  };
  return describeRecord(record, new Map([['service.name', 'shop']]));
}

test('describeRecord() says what a record holds, on one line', () => {
  const attributes = new Map<string, AnyValue>([
    ['line', 7n],
    ['nested', new Map<string, AnyValue>([['list', [null, true, 0.5]]])],
    ['raw', Buffer.from([1, 255])],
  ]);
  assert.equal(
    describe('card refused', attributes),
    '2026-01-02T03:04:05.678Z, ERROR (17), body "card refused", ' +
      'attributes {"line": 7, "nested": {"list": [none, true, 0.5]}, "raw": 0x01ff}, resource {"service.name": "shop"}',
  );
});

test('describeRecord() lets no control character through', () => {
  const text = describe('\u001b[31m\n\u009b\u202e', new Map([['\u001bkey', '\u007f\u0000']]));
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});
