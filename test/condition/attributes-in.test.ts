import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCondition } from '../../src/condition/condition.ts';
import { loadConditions } from '../../src/condition/library.ts';
import { parseValue } from '../../src/condition/value.ts';
import { ConfigError } from '../../src/core/errors.ts';

await loadConditions();

for (const { text, names } of [
  { text: 'severity >= INFO && body.contains("attributes")', names: [] },
  { text: 'attributes["http.route"] != "/healthz" || attributes.n > 5', names: ['http.route', 'n'] },
  { text: '"rest" in attributes && !("a" in ["a", "b"])', names: ['rest'] },
  { text: 'has(attributes.a)', names: ['a'] },
  { text: 'attributes.a in [1, 2, attributes.b]', names: ['a', 'b'] },
  { text: 'attributes.o.p == 1 && attributes["x"]["y"] == 2', names: ['o', 'x'] },
  { text: 'attributes.a.matches("^a") ? attributes.b == 1 : size(attributes.c) > 3', names: ['a', 'b', 'c'] },
  { text: '[attributes.a, 1].exists(x, x == attributes.b)', names: ['a', 'b'] },
  { text: '{"k": attributes.a}.k == 1', names: ['a'] },
  { text: 'resource["service.name"] == stream', names: [] },
  { text: 'size(attributes) > 3', names: undefined },
  { text: 'attributes[body] == 1', names: undefined },
  { text: 'attributes["a" + "b"] == 1', names: undefined },
  { text: 'body in attributes', names: undefined },
  { text: 'attributes.exists(k, k.startsWith("x"))', names: undefined },
  { text: 'attributes == {"a": 1}', names: undefined },
]) {
  test(`a condition knows which attributes it looks at: ${text}`, () => {
    const condition = parseCondition(text);
    if (condition instanceof ConfigError) throw condition;
    assert.deepEqual(condition.attributes && [...condition.attributes], names);
  });
}

for (const { text, names } of [
  { text: 'http.route', names: ['http.route'] },
  { text: 'attributes.took * 2.0', names: ['took'] },
  { text: '"fixed"', names: [] },
  { text: 'string(attributes.size())', names: undefined },
]) {
  test(`a value knows which attributes it looks at: ${text}`, () => {
    const value = parseValue(text);
    if (value instanceof ConfigError) throw value;
    assert.deepEqual(value.attributes && [...value.attributes], names);
  });
}
