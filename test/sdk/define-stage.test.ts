import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnStage } from '../../src/sdk/define-stage.ts';
import { defineStage, type RecordView } from '../../src/sdk/index.ts';
import { attributesOf } from '../harness/batch.ts';
import { batchOfObjects, buildStage, optionErrors, stageContext } from '../stages/stage-fixture.ts';

const tagStage = defineStage({
  type: 'tag',
  summary: 'Shows what it was built with.',
  options: {
    text: { type: 'string' },
    empty: { type: 'string', default: '' },
    limit: { type: 'number', default: 1.5, doc: 'How much.' },
    strict: { type: 'boolean', default: false },
    names: { type: 'strings', default: ['a', 'b'] },
  },
  build({ text, empty, limit, strict, names }) {
    // The types follow from the declarations above: this function would not compile otherwise.
    const typed: [string, string, number, boolean, readonly string[]] = [text, empty, limit, strict, names];
    return (record) => record.set('tag', JSON.stringify(typed));
  },
});

for (const { name, options, expected } of [
  { name: 'fills in defaults', options: { text: 'x' }, expected: ['x', '', 1.5, false, ['a', 'b']] },
  {
    name: 'gives what is written',
    options: { text: '', empty: 'e', limit: -2, strict: true, names: [] },
    expected: ['', 'e', -2, true, []],
  },
  { name: 'takes one text for a list', options: { text: 'x', names: 'c' }, expected: ['x', '', 1.5, false, ['c']] },
]) {
  test(`defineStage() ${name}`, () => {
    const batch = batchOfObjects(['{}']);
    buildStage(tagStage, options, stageContext(batch.keys)).process(batch);
    assert.deepEqual(JSON.parse(String(attributesOf(batch)['tag'])), expected);
  });
}

for (const { name, options, code, path } of [
  { name: 'a missing option', options: {}, code: 'ERR_CONFIG_MISSING', path: ['text'] },
  { name: 'an unknown option', options: { text: 'x', txet: 'x' }, code: 'ERR_CONFIG_KEY', path: ['txet'] },
  { name: 'a number for text', options: { text: 1 }, code: 'ERR_CONFIG_TYPE', path: ['text'] },
  { name: 'text for a number', options: { text: 'x', limit: '1' }, code: 'ERR_CONFIG_TYPE', path: ['limit'] },
  {
    name: 'a number that is not finite',
    options: { text: 'x', limit: Number.NaN },
    code: 'ERR_CONFIG_TYPE',
    path: ['limit'],
  },
  { name: 'text for true', options: { text: 'x', strict: 'true' }, code: 'ERR_CONFIG_TYPE', path: ['strict'] },
  { name: 'a number in a list', options: { text: 'x', names: [1] }, code: 'ERR_CONFIG_TYPE', path: ['names', 0] },
  { name: 'a list', options: ['x'], code: 'ERR_CONFIG_TYPE', path: [] },
]) {
  test(`defineStage() makes a stage that refuses ${name}`, () => {
    const errors = optionErrors(tagStage, options);
    assert.deepEqual(
      errors.map((error) => [error.code, error.path]),
      [[code, path]],
    );
  });
}

test('defineStage() takes a stage without options', () => {
  const stage = defineStage({ type: 'none', summary: 'Takes no options.', build: () => () => {} });
  assert.deepEqual(optionErrors(stage, {}), []);
  assert.equal(optionErrors(stage, { a: 1 })[0]?.code, 'ERR_CONFIG_KEY');
});

const build = () => (_record: RecordView) => {};

for (const { name, declaration, message } of [
  { name: 'a type in capitals', declaration: { type: 'Mask', summary: '', build }, message: /snake_case/ },
  { name: 'a type with a blank', declaration: { type: 'mask it', summary: '', build }, message: /snake_case/ },
  { name: 'no type', declaration: { summary: '', build }, message: /snake_case/ },
  { name: 'no summary', declaration: { type: 'mask', build }, message: /summary/ },
  { name: 'no build', declaration: { type: 'mask', summary: '' }, message: /build/ },
  {
    name: 'an unknown type of option',
    declaration: { type: 'mask', summary: '', build, options: { a: { type: 'text' } } },
    message: /"a".*string, number, boolean, strings/,
  },
  {
    name: 'an option that is a value',
    declaration: { type: 'mask', summary: '', build, options: { a: 1 } },
    message: /"a"/,
  },
  { name: 'a null option', declaration: { type: 'mask', summary: '', build, options: { a: null } }, message: /"a"/ },
  {
    name: 'a default of another type',
    declaration: { type: 'mask', summary: '', build, options: { a: { type: 'number', default: '1' } } },
    message: /"a".*default/,
  },
]) {
  test(`defineStage() throws for ${name}`, () => {
    assert.throws(() => defineStage(declaration as never), { name: 'TypeError', message });
  });
}

test('isOwnStage() knows what defineStage() made, also after a copy, and nothing else', () => {
  assert.equal(isOwnStage(tagStage), true);
  assert.equal(isOwnStage({ ...tagStage }), true);
  for (const other of [undefined, null, 1, {}, build, { type: 'mask', summary: '', build }]) {
    assert.equal(isOwnStage(other), false);
  }
});
