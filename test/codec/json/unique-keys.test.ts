import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { walkJson } from '../../../src/codec/json/json-walker.ts';
import { KeyWatch } from '../../../src/codec/json/key-watch.ts';
import { withUniqueKeys } from '../../../src/codec/json/unique-keys.ts';
import { jsonModel, jsonStyle, jsonTextOf } from '../../harness/json-model.ts';

const nothing = (): void => {};
const silent = {
  endArray: nothing,
  beginArray: nothing,
  string: nothing,
  number: nothing,
  true: nothing,
  false: nothing,
  null: nothing,
};

function mayRepeat(watch: KeyWatch, bytes: Buffer): boolean {
  const objects: number[] = [];
  watch.reset();
  walkJson(bytes, 0, bytes.length, {
    ...silent,
    beginObject: () => objects.push(watch.beginObject()),
    endObject: () => objects.pop(),
    key: (start, end, hasEscapes) => watch.see(objects.at(-1)!, bytes, start, end, hasEscapes),
  });
  return watch.mayRepeat;
}

test('KeyWatch says of every text with a repeated key that it may have one', () => {
  const watch = new KeyWatch();
  fc.assert(
    fc.property(jsonModel, jsonStyle, (model, style) => {
      const bytes = Buffer.from(jsonTextOf(model, style));
      const repeats = withUniqueKeys(bytes, 0, bytes.length, 0) !== undefined;
      assert.ok(!repeats || mayRepeat(watch, bytes));
    }),
  );
});

test('KeyWatch says of ordinary objects that no key repeats, also when it has seen many', () => {
  const watch = new KeyWatch();
  for (let i = 0; i < 5000; i++) {
    const object = { id: i, ids: [i], a: { id: i, 'item-10': 1, 'item-20': 2, 'item-30': 3, '': 0 } };
    assert.equal(mayRepeat(watch, Buffer.from(JSON.stringify(object))), false);
  }
  assert.equal(mayRepeat(watch, Buffer.from('{"a":{"b":1},"c":{"b":1,"d":{"b":1},"b":2}}')), true);
});

test('withUniqueKeys() leaves blanks where an entry was replaced', () => {
  const text = 'x{"a":1,"b":{"c":1,"c":[]},"a":2}';
  const unique = withUniqueKeys(Buffer.from(text), 1, text.length, 0);
  assert.equal(unique?.toString(), '{      "b":{      "c":[]},"a":2}');
  assert.equal(withUniqueKeys(Buffer.from('{"a":{"a":1}}'), 0, 13, 0), undefined);
});

test('withUniqueKeys() takes a megabyte of repeated keys', () => {
  const bytes = Buffer.from(`{${'"a":{"b":1,"b":2},'.repeat(60_000)}"a":1}`);
  const unique = withUniqueKeys(bytes, 0, bytes.length, 0);
  assert.equal(unique?.toString().replaceAll(' ', ''), '{"a":1}');
});
