import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordType } from '../../../src/codec/fastcgi/record.ts';
import { fastCgiRequest } from '../../../src/codec/fastcgi/request.ts';
import { FastCgiResponseReader, parseCgi } from '../../../src/codec/fastcgi/response-reader.ts';

function record(type: number, content: Buffer, padding = 0): Buffer {
  const head = Buffer.of(1, type, 0, 1, content.length >> 8, content.length & 0xff, padding, 0);
  return Buffer.concat([head, content, Buffer.alloc(padding)]);
}

function end(status: number): Buffer {
  return record(RecordType.EndRequest, Buffer.of(0, 0, 0, 0, status, 0, 0, 0));
}

test('fastCgiRequest() writes a request as the specification has it', () => {
  const long = 'x'.repeat(200);
  const bytes = fastCgiRequest([
    ['A', 'b'],
    ['LONG', long],
  ]);
  const params = Buffer.concat([
    Buffer.from('\x01\x01Ab', 'latin1'),
    Buffer.of(4, 0x80, 0, 0, 200),
    Buffer.from(`LONG${long}`),
  ]);
  const expected = [
    record(RecordType.BeginRequest, Buffer.of(0, 1, 0, 0, 0, 0, 0, 0)),
    record(RecordType.Params, params),
    record(RecordType.Params, Buffer.alloc(0)),
    record(RecordType.Stdin, Buffer.alloc(0)),
  ];
  assert.deepEqual(bytes, Buffer.concat(expected));
});

test('FastCgiResponseReader gives the same answer however its bytes arrive', () => {
  const part = fc.record({
    isOutput: fc.boolean(),
    content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    padding: fc.nat(9),
  });
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (parts, cuts) => {
        const records = parts.map(({ isOutput, content, padding }) =>
          record(isOutput ? RecordType.Stdout : RecordType.Stderr, content, padding),
        );
        const bytes = Buffer.concat([...records, end(0)]);
        const reader = new FastCgiResponseReader(10_000);
        let response: ReturnType<FastCgiResponseReader['push']>;
        for (let at = 0, i = 0; at < bytes.length; at += cuts[i % cuts.length]!, i++) {
          assert.equal(response, undefined);
          response = reader.push(bytes.subarray(at, at + cuts[i % cuts.length]!));
        }
        const output = Buffer.concat(parts.flatMap(({ isOutput, content }) => (isOutput ? [content] : [])));
        assert.deepEqual(response, { kind: 'answer', output });
      },
    ),
  );
});

for (const { what, bytes, kind } of [
  { what: 'a server without room', bytes: end(2), kind: 'overloaded' },
  { what: 'an end of another kind', bytes: end(3), kind: 'strange' },
  { what: 'an end without a status', bytes: record(RecordType.EndRequest, Buffer.alloc(0)), kind: 'strange' },
  { what: 'another protocol', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), kind: 'strange' },
  { what: 'a record that is none of an answer', bytes: record(RecordType.Params, Buffer.alloc(3)), kind: 'strange' },
  { what: 'more than is taken', bytes: record(RecordType.Stdout, Buffer.alloc(1001)), kind: 'too_large' },
]) {
  test(`FastCgiResponseReader knows ${what}`, () => {
    assert.deepEqual(new FastCgiResponseReader(1000).push(bytes), { kind });
  });
}

test('FastCgiResponseReader takes any bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      const reader = new FastCgiResponseReader(1000);
      for (const chunk of chunks) if (reader.push(Buffer.from(chunk)) !== undefined) break;
    }),
  );
});

for (const { output, expected } of [
  { output: 'Content-type: a/b\r\n\r\nbody', expected: [200, 'body'] },
  { output: 'X: y\nStatus: 404 Not Found\n\nno\n\nmore', expected: [404, 'no\n\nmore'] },
  { output: 'body alone', expected: undefined },
  { output: '', expected: undefined },
]) {
  test(`parseCgi() reads ${JSON.stringify(output)}`, () => {
    const parsed = parseCgi(Buffer.from(output));
    assert.deepEqual(parsed && [parsed.status, parsed.body.toString()], expected);
  });
}
