import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from '../../../src/bytes/byte-buffer.ts';
import { RecordValueWriter } from '../../../src/codec/json/record-value.ts';
import { ValueType } from '../../../src/core/value-type.ts';

const SOURCE = {
  Empty: ['', 'null'],
  String: ['a "b"\n', '"a \\"b\\"\\n"'],
  Int: ['9007199254740993', '9007199254740993'],
  Double: ['1.50', '1.50'],
  True: ['true', 'true'],
  False: ['false', 'false'],
  Json: ['{ "a" : [1, 2.0] }', '{"a":[1,2.0]}'],
  TextList: ['a "b"', '["a \\"b\\""]'],
} as const satisfies Record<keyof typeof ValueType, readonly [source: string, written: string]>;

test('RecordValueWriter writes a value of each type behind what is there', () => {
  const out = new ByteBuffer(1);
  const values = new RecordValueWriter(out);
  for (const [name, [source]] of Object.entries(SOURCE)) {
    const bytes = Buffer.from(`<${source}>`);
    values.append(bytes, ValueType[name as keyof typeof ValueType], 1, bytes.length - 1);
    out.append(Buffer.from('\n'));
  }
  const expected = Object.values(SOURCE).map(([, written]) => `${written}\n`);
  assert.equal(out.written().toString(), expected.join(''));
});
