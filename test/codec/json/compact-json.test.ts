import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from '../../../src/bytes/byte-buffer.ts';
import { CompactJsonWriter } from '../../../src/codec/json/compact-json.ts';
import { anyJsonModel, type JsonModel, jsonStyle, jsonTextOf } from '../../harness/json-model.ts';

function compact(text: string): string {
  const out = new ByteBuffer(1);
  out.append(Buffer.from('['));
  const bytes = Buffer.from(text);
  new CompactJsonWriter(out).append(bytes, 0, bytes.length);
  return out.written().toString('utf8', 1);
}

test('CompactJsonWriter writes the same value on one line, however it was written', () => {
  fc.assert(
    fc.property(anyJsonModel, jsonStyle, (model, style) => {
      const written = compact(jsonTextOf(model, style));
      assert.equal(written, compact(jsonTextOf(wellFormed(model), { space: '', isEscaped: false })));
      assert.deepEqual(JSON.parse(written), JSON.parse(jsonTextOf(wellFormed(model), style)));
      assert.doesNotMatch(written, /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
    }),
  );
});

test('CompactJsonWriter keeps digits and repeated keys', () => {
  const text = ' { "a" : 12345678901234567890 , "a" : [ 1.10 , -0 , 1e400 ] , "b" : { } } ';
  assert.equal(compact(text), '{"a":12345678901234567890,"a":[1.10,-0,1e400],"b":{}}');
});

/** The model with lone surrogates replaced. */
function wellFormed(model: JsonModel): JsonModel {
  switch (model.kind) {
    case 'string':
      return { kind: 'string', value: model.value.toWellFormed() };
    case 'array':
      return { kind: 'array', items: model.items.map(wellFormed) };
    case 'object':
      return { kind: 'object', entries: model.entries.map(([key, item]) => [key.toWellFormed(), wellFormed(item)]) };
    default:
      return model;
  }
}
