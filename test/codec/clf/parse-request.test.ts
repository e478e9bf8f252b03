import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKnownMethod } from '../../../src/codec/clf/parse-request.ts';

const KNOWN = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE', 'QUERY'];

function isKnown(text: string): boolean {
  const bytes = Buffer.from(`GET${text}GET`, 'latin1');
  return isKnownMethod(bytes, 3, 3 + text.length);
}

test('isKnownMethod() knows the methods of the semantic conventions, and nothing that is like them', () => {
  for (const method of KNOWN) assert.ok(isKnown(method), method);
  const near = fc
    .tuple(fc.constantFrom(...KNOWN), fc.nat({ max: 8 }), fc.string({ maxLength: 3, unit: 'binary-ascii' }))
    .map(([method, at, put]) => method.slice(0, at) + put + method.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ maxLength: 300, unit: 'binary-ascii' })), (text) =>
      assert.equal(isKnown(text), KNOWN.includes(text)),
    ),
  );
});
