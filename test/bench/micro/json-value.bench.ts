import { ByteBuffer } from '../../../src/bytes/byte-buffer.ts';
import { JsonAnyValueEncoder } from '../../../src/codec/otlp/json-any-value.ts';
import { JsonValueEncoder } from '../../../src/codec/otlp/json-value.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import { batchOf } from '../../harness/batch.ts';
import { measure } from './measure.ts';

const VALUES = 1000;
const ROUNDS = 100;

const http = {
  method: 'GET',
  url: '/api/v1/orders/4711?expand=items',
  headers: { host: 'shop.example.com', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)', 'content-length': 512 },
  status: 200,
  duration: 12.5,
  cached: false,
};

for (const { name, objectOf } of [
  { name: 'a small object', objectOf: (i: number) => ({ id: i, name: 'a b' }) },
  { name: 'a request of nine values', objectOf: () => http },
  { name: 'an array of numbers', objectOf: (i: number) => [i, 2, 3, 4, 5] },
  { name: 'strings with escapes', objectOf: (i: number) => ({ a: `line ${i}\nnext`, b: 'said "done"' }) },
]) {
  const batch = batchOf(Array.from({ length: VALUES }, (_, i) => JSON.stringify(objectOf(i))));
  const { bytes, view, bodyStart, bodyEnd } = batch;
  const encoder = new JsonValueEncoder();
  measure(`protobuf of ${name}`, VALUES * ROUNDS, () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < VALUES; i++) encoder.encode(bytes, view, bodyStart[i]!, bodyEnd[i]!);
    }
  });
  const out = new ByteBuffer();
  const json = new JsonAnyValueEncoder(out);
  measure(`JSON of ${name}`, VALUES * ROUNDS, () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < VALUES; i++) {
        out.bytes[0] = 0x3a;
        out.length = 1;
        json.append(bytes, ValueType.Json, bodyStart[i]!, bodyEnd[i]!);
      }
    }
  });
}
