import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PathError, parsePath } from '../../src/mapping/path.ts';

for (const { written, steps } of [
  { written: 'a', steps: ['a'] },
  { written: ' a.b_2 ', steps: ['a', 'b_2'] },
  { written: 'a[0].b', steps: ['a', 0, 'b'] },
  { written: 'a["b c"][\'d.e\']', steps: ['a', 'b c', 'd.e'] },
  { written: '[3]', steps: [3] },
  { written: '["a"].b', steps: ['a', 'b'] },
  { written: 'a["say \\"x\\" \\\\"]', steps: ['a', 'say "x" \\'] },
  { written: '.', steps: [] },
]) {
  test(`parsePath() reads ${written}`, () => {
    const parsed = parsePath(written);
    assert.ok(parsed.kind === 'path');
    assert.deepEqual(parsed.steps, steps);
  });
}

for (const { written, text } of [
  { written: '"web"', text: 'web' },
  { written: "'it''s'", text: undefined },
  { written: "'it\\'s'", text: "it's" },
  { written: '""', text: '' },
]) {
  test(`parsePath() reads ${written} as ${text === undefined ? 'an error' : 'a text'}`, () => {
    if (text === undefined) assert.throws(() => parsePath(written), PathError);
    else assert.deepEqual(parsePath(written), { kind: 'text', text });
  });
}

for (const { written, message } of [
  { written: '', message: 'it is empty' },
  { written: '   ', message: 'it is empty' },
  { written: 'a.', message: 'it ends too early' },
  { written: 'a..b', message: '"." is not expected there' },
  { written: '.a', message: '"." is not expected there' },
  { written: 'a.[0]', message: '"[" is not expected there' },
  { written: 'heap-used', message: '"-" is not expected there' },
  { written: 'a b', message: '" " is not expected there' },
  { written: 'a[b]', message: '"[" is not expected there' },
  { written: 'a[-1]', message: '"[" is not expected there' },
  { written: '$.a', message: '"$" is not expected there' },
  { written: '3', message: '"3" is not expected there' },
  { written: 'a'.repeat(3).concat('.b'.repeat(64)), message: 'it has more than 64 steps' },
]) {
  test(`parsePath() refuses ${JSON.stringify(written.slice(0, 12))}`, () => {
    assert.throws(() => parsePath(written), { constructor: PathError, message });
  });
}

test('parsePath() reads any steps that are written in brackets', () => {
  const step = fc.oneof(fc.nat(999_999_999), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
      const written = steps.map((one) => `[${typeof one === 'number' ? one : quoted(one)}]`).join('');
      const parsed = parsePath(written);
      assert.ok(parsed.kind === 'path');
      assert.deepEqual(parsed.steps, steps);
    }),
  );
});

test('parsePath() throws nothing but a PathError', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '.', '[', ']', '"', "'", '\\', '0', ' ', '-') }), (written) => {
      try {
        parsePath(written);
      } catch (error) {
        assert.ok(error instanceof PathError);
      }
    }),
  );
});
