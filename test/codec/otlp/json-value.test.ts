import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { logsToJson } from '../../../src/codec/otlp/decoded-json.ts';
import { LogsJsonRequestEncoder } from '../../../src/codec/otlp/logs-json-request.ts';
import { LogsRequestEncoder } from '../../../src/codec/otlp/logs-request.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import { batchOf } from '../../harness/batch.ts';
import { jsonModel, jsonStyle, jsonTextOf } from '../../harness/json-model.ts';

const SCOPE = { scopeName: '', scopeVersion: '' };

/** What either encoder makes of a body that is JSON, as OTLP/JSON with numbers as JavaScript has them. */
function encodings(text: string): [protobuf: unknown, json: unknown] {
  const batch = batchOf([text]);
  batch.bodyType[0] = ValueType.Json;
  const protobuf = new LogsRequestEncoder(SCOPE);
  protobuf.append(batch, 0);
  const json = new LogsJsonRequestEncoder(SCOPE);
  json.append(batch, 0);
  return [logsToJson(decodeLogs(protobuf.body(0, 1))), Buffer.from(json.body(0, 1)).toString()].map((request) => {
    const { resourceLogs } = JSON.parse(request) as Request;
    return resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!.body;
  }) as [unknown, unknown];
}

interface Request {
  readonly resourceLogs: { readonly scopeLogs: { readonly logRecords: { readonly body: unknown }[] }[] }[];
}

const pair = (key: string, value: unknown): unknown => ({ key, value });
const list = (...values: unknown[]): unknown => ({ kvlistValue: { values } });
const int = (value: number): unknown => ({ intValue: String(value) });

for (const { name, text, expected } of [
  { name: 'one key twice', text: '{"a":1,"b":2,"a":3}', expected: list(pair('b', int(2)), pair('a', int(3))) },
  {
    name: 'a key and its escaped form',
    text: '{"a":1,"\\u0061":2,"c":3}',
    expected: list(pair('a', int(2)), pair('c', int(3))),
  },
  { name: 'an empty key twice', text: '{"":1 , "" : 2}', expected: list(pair('', int(2))) },
  {
    name: 'a key of an object and of one inside it',
    text: '{"a":{"a":1},"b":{"a":2,"a":3},"c":1}',
    expected: list(pair('a', list(pair('a', int(1)))), pair('b', list(pair('a', int(3)))), pair('c', int(1))),
  },
  {
    name: 'a repeated key with repeated keys inside',
    text: '{"a":{"x":1,"x":2},"a":{"y":1,"y":[{"z":1,"z":2}]}}',
    expected: list(pair('a', list(pair('y', { arrayValue: { values: [list(pair('z', int(2)))] } })))),
  },
]) {
  test(`JsonValueEncoder encodes the last value of ${name}`, () => {
    const [protobuf, json] = encodings(text);
    assert.deepEqual(protobuf, expected);
    assert.deepEqual(json, expected);
  });
}

test('JsonValueEncoder gives the same value in protobuf and JSON, however large the object', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 1200 }), (keys) => {
      const text = `{${keys.map((key, i) => `"key${key}":${i}`).join(',')}}`;
      const wanted = [...new Map(keys.map((key, i) => [key, i]))];
      for (const encoding of encodings(text)) {
        const { kvlistValue } = encoding as { kvlistValue: { values: { key: string; value: { intValue: string } }[] } };
        const found = kvlistValue.values.map(({ key, value }) => [Number(key.slice(3)), Number(value.intValue)]);
        assert.deepEqual(new Map(found as [number, number][]), new Map(wanted));
        assert.equal(found.length, wanted.length);
      }
    }),
    { numRuns: 30 },
  );
});

test('JsonValueEncoder encodes any JSON as the encoder for JSON does', () => {
  fc.assert(
    fc.property(jsonModel, jsonStyle, (model, style) => {
      const [protobuf, json] = encodings(jsonTextOf(model, style));
      assert.deepEqual(protobuf, asDecoded(json));
    }),
  );
});

/** Numbers as a decoder has them: 0 has no sign. */
function asDecoded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, item: unknown) => {
    if (key === 'intValue') return String(BigInt(String(item)));
    return key === 'doubleValue' && item === 0 ? 0 : item;
  });
}

test('a list of one text is encoded as any other list', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', 'é', '\n', ']', '[', ','), maxLength: 300 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 2 }), (texts) => {
      const expected = { arrayValue: { values: texts.map((stringValue) => ({ stringValue })) } };
      const [protobuf, json] = encodings(JSON.stringify(texts));
      assert.deepEqual(protobuf, expected);
      assert.deepEqual(json, expected);
    }),
    { numRuns: 1000 },
  );
});
