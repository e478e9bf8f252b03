import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, ERROR_CODES, messageOf, OperatorError } from '../../src/core/errors.ts';

describe('ERROR_CODES', () => {
  for (const [code, meaning] of Object.entries(ERROR_CODES)) {
    test(`${code} is explained in sentences`, () => {
      assert.match(code, /^ERR_[A-Z]+(?:_[A-Z]+)*$/);
      assert.match(meaning, /^[A-Z`].*\.$/);
    });
  }
});

test('OperatorError keeps code, hint and cause, and has no cause when none is given', () => {
  const cause = new Error('EACCES');
  const error = new OperatorError({ code: 'ERR_CONFIG_READ', message: 'Cannot read "a"', hint: 'Check it', cause });
  assert.deepEqual(
    [error.name, error.code, error.message, error.hint, error.cause],
    ['OperatorError', 'ERR_CONFIG_READ', 'Cannot read "a"', 'Check it', cause],
  );
  assert.equal('cause' in new OperatorError({ code: 'ERR_USAGE', message: 'a' }), false);
});

test('ConfigError is an OperatorError with a path', () => {
  const error = new ConfigError({ code: 'ERR_CONFIG_KEY', path: ['sources', 0], message: 'Unknown key "a"' });
  assert.ok(error instanceof OperatorError);
  assert.equal(error.name, 'ConfigError');
  assert.deepEqual(error.path, ['sources', 0]);
});

describe('messageOf()', () => {
  for (const { name, error, expected } of [
    { name: 'gives the message of an error', error: new Error('a'), expected: 'a' },
    { name: 'gives the name of an error without a message', error: new TypeError(), expected: 'TypeError' },
    {
      name: 'adds the messages of all causes',
      error: new Error('a', { cause: new Error('b', { cause: 'c' }) }),
      expected: 'a: b: c',
    },
    { name: 'takes whatever was thrown', error: undefined, expected: 'undefined' },
  ]) {
    test(name, () => assert.equal(messageOf(error), expected));
  }
});
