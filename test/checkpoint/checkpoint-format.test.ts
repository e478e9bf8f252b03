import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';

const sections = new Map<string, unknown>([
  ['source/app', { streams: [{ key: '1:2', offset: 2 ** 52, path: '/logs/ä"\n.log' }] }],
  ['__proto__', { polluted: true }],
]);

test('decodeCheckpoint() reads what encodeCheckpoint() wrote', () => {
  assert.deepEqual(decodeCheckpoint(encodeCheckpoint(sections)), { kind: 'valid', sections });
  assert.deepEqual(decodeCheckpoint(encodeCheckpoint(new Map())), { kind: 'valid', sections: new Map() });
});

test('encodeCheckpoint() writes a first line that a person can read, then JSON', () => {
  const [header, json] = encodeCheckpoint(new Map([['a', 1]]))
    .toString()
    .split('\n');
  assert.match(header!, /^pillion-checkpoint 1 21 [0-9a-f]{8}$/);
  assert.equal(json, '{"sections":{"a":1}}');
});

test('CKP-02 decodeCheckpoint() notices every flipped bit', () => {
  const bytes = encodeCheckpoint(sections);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(decodeCheckpoint(bytes).kind, 'unusable', `bit ${bit}`);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
});

test('CKP-02 decodeCheckpoint() notices every cut, and what is appended', () => {
  const bytes = encodeCheckpoint(sections);
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(decodeCheckpoint(bytes.subarray(0, length)).kind, 'unusable', `${length} bytes`);
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (more) => {
      assert.equal(decodeCheckpoint(Buffer.concat([bytes, more])).kind, 'unusable');
    }),
  );
});

test('decodeCheckpoint() takes any bytes without an exception', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => decodeCheckpoint(Buffer.from(bytes)).kind === 'unusable'));
});

test('CKP-03 decodeCheckpoint() says that a checkpoint is of a newer version', () => {
  const newer = encodeCheckpoint(sections).toString().replace('checkpoint 1 ', 'checkpoint 2 ');
  assert.deepEqual(decodeCheckpoint(Buffer.from(newer)), {
    kind: 'unusable',
    reason: 'its version 2 is newer than version 1 of this agent',
  });
});

test('CKP-04 decodeCheckpoint() reads what every version has written', () => {
  // Made by hand from the format: `encodeCheckpoint()` may change, what lies in state folders does not.
  const body = '{"sections":{"source/app":{"streams":[],"searches":[]}}}\n';
  for (const header of ['pillion-checkpoint 1 57 c3948264\n']) {
    const sections = new Map([['source/app', { streams: [], searches: [] }]]);
    assert.deepEqual(decodeCheckpoint(Buffer.from(header + body)), { kind: 'valid', sections });
  }
});

test('SEC-10 decodeCheckpoint() takes bytes with a right checksum that no agent wrote without an exception', () => {
  for (const body of ['', '{"sections":', 'null', '[]', '{"sections":null}', '"sections"']) {
    const checksum = crc32(body).toString(16).padStart(8, '0');
    const bytes = Buffer.from(`pillion-checkpoint 1 ${Buffer.byteLength(body)} ${checksum}\n${body}`);
    assert.deepEqual(decodeCheckpoint(bytes), { kind: 'unusable', reason: 'it has no sections' }, body);
  }
});
