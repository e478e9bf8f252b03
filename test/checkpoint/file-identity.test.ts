import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  agrees,
  type Evidence,
  fingerprint,
  HEAD_BYTES,
  judge,
  NO_FINGERPRINT,
  WINDOW_BYTES,
  windowLength,
} from '../../src/checkpoint/file-identity.ts';

/** What a reader knows of a file with that content that it has read to `offset`, and delivered to `committed`. */
function evidenceOf(content: Buffer, offset: number, committed = offset): Evidence {
  return {
    offset: committed,
    head: fingerprint(content, 0, Math.min(offset, HEAD_BYTES)),
    window: fingerprint(content, committed - windowLength(committed), committed),
  };
}

function judgeFile(evidence: Evidence, content: Buffer) {
  const { offset } = evidence;
  const head = content.subarray(0, HEAD_BYTES);
  const window = content.subarray(Math.max(0, offset - windowLength(offset)), offset);
  return judge(evidence, { size: content.length, head, window });
}

function text(length: number, seed = 'a'): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, i) => `${seed}${i} `)
      .join('')
      .slice(0, length),
  );
}

for (const size of [0, 1, 10, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, 5000]) {
  test(`IDN-01 judge() knows a file of ${size} bytes again after it grew`, () => {
    const before = text(size);
    assert.equal(judgeFile(evidenceOf(before, size), Buffer.concat([before, text(3000, 'more ')])), 'same');
  });

  test(`judge() tells a file of ${size} bytes from another one with its inode`, () => {
    const other = text(size + 100, 'b');
    // Nothing was read of an empty file: nothing can differ, and nothing is passed over.
    assert.equal(judgeFile(evidenceOf(text(size), size), other), size === 0 ? 'same' : 'other');
  });
}

for (const { name, evidence, content, expected } of [
  {
    name: 'a file shorter than the offset',
    evidence: evidenceOf(text(3000), 3000),
    content: text(2999),
    expected: 'truncated',
  },
  {
    name: 'the same head and other bytes before the offset',
    evidence: evidenceOf(Buffer.concat([text(2000), text(500, 'x')]), 2500),
    content: Buffer.concat([text(2000), text(900, 'y')]),
    expected: 'other',
  },
  {
    name: 'another head and the same bytes before the offset',
    evidence: evidenceOf(Buffer.concat([text(2000, 'x'), text(500)]), 2500),
    content: Buffer.concat([text(2000, 'y'), text(500)]),
    expected: 'other',
  },
  {
    name: 'a head that was punched out after it was read',
    evidence: evidenceOf(text(9000), 9000),
    content: Buffer.concat([Buffer.alloc(4096), text(9000).subarray(4096)]),
    expected: 'same',
  },
  {
    name: 'a file that lost a tail which was read but not committed',
    evidence: evidenceOf(text(900), 900, 400),
    content: text(500),
    expected: 'same',
  },
] as const) {
  test(`judge() says "${expected}" for ${name}`, () => assert.equal(judgeFile(evidence, content), expected));
}

test('judge() knows every file again by what was read of it, whatever is behind', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000 }),
      fc.nat(),
      fc.nat(),
      fc.uint8Array({ maxLength: 50 }),
      (bytes, a, b, more) => {
        const content = Buffer.from(bytes);
        const offset = content.length === 0 ? 0 : a % (content.length + 1);
        const committed = offset === 0 ? 0 : b % (offset + 1);
        const evidence = evidenceOf(content, offset, committed);
        assert.equal(judgeFile(evidence, Buffer.concat([content, more])), 'same');
      },
    ),
    { numRuns: 300 },
  );
});

test('fingerprint() of nothing agrees with everything', () => {
  assert.deepEqual(fingerprint(Buffer.from('abc'), 1, 1), NO_FINGERPRINT);
  assert.ok(agrees(NO_FINGERPRINT, Buffer.from('abc')));
});

test('fingerprint() differs when any byte does', () => {
  const bytes = text(WINDOW_BYTES);
  const print = fingerprint(bytes);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i]! ^= 1 << (i % 8);
    assert.ok(!agrees(print, bytes), `byte ${i}`);
    bytes[i]! ^= 1 << (i % 8);
  }
  assert.ok(agrees(print, bytes));
  assert.ok(!agrees(print, bytes.subarray(1)), 'a shorter run');
});
