import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { setUnixNano } from '../../src/bytes/unix-nano.ts';
import { parseCondition } from '../../src/condition/condition.ts';
import { celEnvironment } from '../../src/condition/environment.ts';
import { evaluate } from '../../src/condition/evaluate.ts';
import { celLibrary, loadConditions } from '../../src/condition/library.ts';
import { Verdict } from '../../src/condition/verdict.ts';
import { ConfigError } from '../../src/core/errors.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { JsonStage } from '../../src/stages/json/json-stage.ts';
import { batchOf } from '../harness/batch.ts';

await loadConditions();

const RECORD =
  '{"s":"abc","n":5,"neg":-7,"big":9007199254740993,"d":1.5,"t":true,"f":false,"nul":null,' +
  '"o":{"p":[1,2],"q":"x"},"http.route":"/healthz","é":"ü"}';

function recordBatch(keys = new KeyTable()): RecordBatch {
  const batch = batchOf([RECORD], keys, new Resource([['service.name', 'checkout']]));
  new JsonStage({ field: -1, prefix: '' }).process(batch);
  batch.severityNumber[0] = 13;
  batch.severityStart[0] = batch.appendText('warning');
  batch.severityEnd[0] = batch.byteLength;
  batch.setBody(0, 1, batch.appendText('pool exhausted'), batch.byteLength);
  return batch;
}

function judge(text: string): string {
  const keys = new KeyTable();
  const condition = parseCondition(text);
  if (condition instanceof ConfigError) throw condition;
  const verdict = condition.build(keys)(recordBatch(keys), 0);
  return verdict === Verdict.Undecided ? 'undecided' : String(verdict === Verdict.True);
}

for (const { text, expected } of [
  { text: 'severity >= INFO', expected: 'true' },
  { text: 'WARN == severity', expected: 'true' },
  { text: 'severity > WARN || severity_text == "warning"', expected: 'true' },
  { text: 'attributes["http.route"] != "/healthz"', expected: 'false' },
  { text: 'attributes.none != "/healthz"', expected: 'true' },
  { text: 'attributes.none == null && attributes.nul == null', expected: 'true' },
  { text: 'has(attributes.nul) && !has(attributes.none)', expected: 'true' },
  { text: '"s" in attributes && !("x" in attributes)', expected: 'true' },
  { text: 'attributes.n > 4 && attributes.n < 6', expected: 'true' },
  { text: '4 < attributes.n && attributes.n <= 5.0', expected: 'true' },
  { text: 'attributes.neg == -7', expected: 'true' },
  { text: 'attributes.big == 9007199254740993', expected: 'true' },
  { text: 'attributes.big == 9007199254740992', expected: 'false' },
  { text: 'attributes.d >= 1.5 && attributes.d > 1', expected: 'true' },
  { text: 'attributes.t && !attributes.f', expected: 'true' },
  { text: 'attributes.t == true', expected: 'true' },
  { text: 'attributes.s == 5', expected: 'false' },
  { text: 'attributes.s > 5', expected: 'undecided' },
  { text: '!(attributes.s > 5)', expected: 'undecided' },
  { text: 'attributes.none > 5', expected: 'undecided' },
  { text: 'attributes.none > 5 || true', expected: 'true' },
  { text: 'attributes.none > 5 && false', expected: 'false' },
  { text: 'attributes.none > 5 || attributes.n == 1', expected: 'undecided' },
  { text: 'attributes.s < "abd" && attributes.s > "ab"', expected: 'true' },
  { text: 'attributes.s in ["x", "abc", 5]', expected: 'true' },
  { text: 'attributes.n in [1, 2]', expected: 'false' },
  { text: 'attributes.n in []', expected: 'false' },
  { text: 'body.startsWith("pool") && body.endsWith("exhausted") && body.contains("l e")', expected: 'true' },
  { text: 'body.startsWith("pool exhausted and more")', expected: 'false' },
  { text: 'attributes.n.startsWith("5")', expected: 'undecided' },
  { text: 'body.matches("^pool\\\\s\\\\w+$")', expected: 'true' },
  { text: 'body.matches("(?i)EXHAUSTED")', expected: 'true' },
  { text: '(body + "x").matches("exhaustedx$") ? true : false', expected: 'true' },
  { text: '(body + "x").matches(attributes.s + "|(?i)POOL")', expected: 'true' },
  { text: '(body + "x").matches(body + "(")', expected: 'undecided' },
  { text: '(body + "x").matches("(?:a?){" + "10}")', expected: 'true' },
  { text: '(body + "x").matches("(?:a?){" + "200}")', expected: 'undecided' },
  { text: 'attributes["é"] == "ü"', expected: 'true' },
  { text: 'size(body) > 10', expected: 'true' },
  { text: 'attributes.o.q == "x" && attributes.o.p[1] == 2', expected: 'true' },
  { text: 'attributes.n + 1 == 6', expected: 'true' },
  { text: 'resource["service.name"] == "checkout" && resource.none == null', expected: 'true' },
  { text: 'stream == "test.log" && trace_id == "" && span_id == ""', expected: 'true' },
  { text: 'time == null', expected: 'true' },
  { text: 'attributes.exists(k, k.startsWith("http."))', expected: 'true' },
  { text: 'attributes.n > 4 ? attributes.t : attributes.f', expected: 'true' },
  { text: '(has(attributes.none) || "none" in attributes ? 1 : 2) == 2', expected: 'true' },
  { text: '(has(attributes.s) && "nul" in attributes ? 1 : 2) == 1', expected: 'true' },
  { text: '[attributes.none, attributes["non" + "e"]] == [null, null]', expected: 'true' },
  { text: '10 - (3 - 2) == 9 && attributes.n - (1 - 2) == 6', expected: 'true' },
  { text: '100 / (attributes.n / 2) == 50 && attributes.n % (7 % 4) == 2', expected: 'true' },
  { text: 'true == (attributes.n == 5)', expected: 'true' },
  { text: '!(attributes.t == (attributes.f == attributes.t))', expected: 'true' },
  { text: '(attributes.t ? attributes.t : attributes.f) ? attributes.f : attributes.t', expected: 'false' },
  { text: '-(attributes.t ? attributes.n : 0) == -5', expected: 'true' },
  { text: 'attributes.d * 0.00000000001 > 0.0 && attributes.d < 1e21 * attributes.d', expected: 'true' },
  { text: 'attributes.s + "\u{1f600}" == "abc\u{1f600}"', expected: 'true' },
  { text: 'attributes.big == 9007199254740993.0', expected: 'false' },
  { text: 'attributes.big > 9007199254740992.0', expected: 'true' },
  {
    text: Array.from({ length: 200 }, (_, i) => `size(attributes.s) == ${200 - i}`).join(' || '),
    expected: 'true',
  },
  { text: 'true', expected: 'true' },
]) {
  test(`a condition says ${expected}: ${text.slice(0, 100)}`, () => assert.equal(judge(text), expected));
}

for (const { text, message, hint } of [
  { text: 'severity >', message: /Unexpected token: EOF \(character 11\)/, hint: /missing at its end/ },
  { text: 'attributes.a = 5', message: /Unexpected character: = \(character 14\)/, hint: /"=="/ },
  { text: 'sevrity > INFO', message: /there is no "sevrity" \(character 1\)/, hint: /"severity"/ },
  { text: 'status == 200', message: /there is no "status"/, hint: /attributes\["status"\]/ },
  { text: 'severity + 1', message: /it gives int, not true or false/ },
  { text: 'severity == "ERROR"', message: /no such overload: int == string/, hint: /severity >= WARN, without quotes/ },
  { text: 'size(body) == "5"', message: /no such overload: int == string/, hint: /^$/ },
  { text: 'body.matches("(")', message: /regular expression/i },
  { text: '(body + "x").matches("a(?=b)")', message: /regular expression "a\(\?=b\)": unknown group/ },
  { text: 'has(attributes["a.b"])', message: /has\(\) invalid argument/, hint: /in attributes/ },
  { text: '', message: /EOF/ },
]) {
  test(`parseCondition() refuses ${text || 'nothing'}`, () => {
    const error = parseCondition(text);
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? '', hint);
  });
}

test('a time just before a second is not that second', () => {
  const keys = new KeyTable();
  const condition = parseCondition('time < timestamp("2026-01-01T00:00:00Z")');
  assert.ok(!(condition instanceof ConfigError));
  const batch = recordBatch(keys);
  setUnixNano(batch.time, 0, Date.UTC(2026, 0, 1) / 1000 - 1, 999_999_999);
  assert.equal(condition.build(keys)(batch, 0), Verdict.True);
});

test('what is compiled to work on bytes says what the library says', () => {
  const keys = new KeyTable();
  const batch = recordBatch(keys);
  const field = fc.constantFrom(
    'attributes.s',
    'attributes.n',
    'attributes.d',
    'attributes.neg',
    'attributes.nul',
    'body',
  );
  const literal = fc.constantFrom('"abc"', '"abd"', '5', '-7', '1.5', '2', 'true', 'null', '""');
  const leaf = fc.oneof(
    fc.tuple(field, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), literal).map((parts) => parts.join(' ')),
    fc.tuple(literal, fc.constantFrom('==', '<', '>='), field).map((parts) => parts.join(' ')),
    fc
      .tuple(field, fc.array(literal, { minLength: 1, maxLength: 3 }))
      .map(([of, list]) => `${of} in [${list.join(', ')}]`),
    fc
      .tuple(field, fc.constantFrom('contains', 'startsWith', 'endsWith', 'matches'))
      .map(([of, name]) => `${of}.${name}("ab")`),
    fc.constantFrom('attributes.t', 'has(attributes.s)', '"none" in attributes', 'severity >= WARN', 'severity == 9'),
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { withCrossShrink: true, maxDepth: 3 },
      leaf,
      fc
        .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie('expression').map((inner) => `!(${inner})`),
    ),
  }));
  fc.assert(
    fc.property(expression, (text) => {
      const condition = parseCondition(text);
      if (condition instanceof ConfigError) return;
      const whole = evaluate(celLibrary().parse(text).ast);
      const judge = condition.build(keys);
      assert.equal(judge(batch, 0), whole(batch, 0), text);
      if (judge.mayHoldIn?.(batch) === false) assert.notEqual(judge(batch, 0), Verdict.True, text);
    }),
    { numRuns: 2000 },
  );
  assert.equal(celEnvironment(), celEnvironment());
});
