import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hideSecrets } from '../../src/config/hide-secrets.ts';

const REFERENCE = ['$', '{TOKEN}'].join('');

for (const [line, expected] of [
  ['  authorization: Bearer abc.def', '  authorization: Bearer *******'],
  ['headers: { Authorization: "Bearer a\\"b", x: y }', 'headers: { Authorization: "Bearer ****", x: y }'],
  ["headers: { 'x-api-key': 'a b', x: y }", "headers: { 'x-api-key': '* *', x: y }"],
  ['{"authorization":"Bearer abc","x":"y"}', '{"authorization":"Bearer ***","x":"y"}'],
  ['  password: abc', '  password: ***'],
  [`  token: ${REFERENCE}`, `  token: ${REFERENCE}`],
  [`  token: "${REFERENCE}"`, `  token: "${REFERENCE}"`],
  ['  bearer_token_file: /var/run/token', '  bearer_token_file: /var/run/token'],
  ['  redact: { detect: [bearer_token] }', '  redact: { detect: [bearer_token] }'],
  ['  token:', '  token:'],
  ['  include: [/var/log/*.log]', '  include: [/var/log/*.log]'],
] as const)
  test(`hideSecrets() shows ${JSON.stringify(line)} as it may be shown`, () => {
    assert.equal(hideSecrets(line), expected);
  });

test('hideSecrets() moves nothing, whatever the line is', () => {
  const part = fc.constantFrom(
    'token',
    'password',
    ': ',
    ':',
    '"',
    "'",
    '{',
    '}',
    ', ',
    '\\',
    'abc',
    '${',
    ' ',
    '_file',
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const line = parts.join('');
      assert.equal(hideSecrets(line).length, line.length);
    }),
  );
});
