import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf } from '../../src/agent/record-fields.ts';
import type { StageDefinition } from '../../src/component/definition.ts';
import { parseCondition } from '../../src/condition/condition.ts';
import { loadConditions } from '../../src/condition/library.ts';
import { Verdict } from '../../src/condition/verdict.ts';
import { ConfigError } from '../../src/core/errors.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';
import { BatchRecordView } from '../../src/sdk/batch-record-view.ts';
import { JsonFormat } from '../../src/sinks/console/json-format.ts';
import { castStage } from '../../src/stages/cast.ts';
import { clfStage } from '../../src/stages/clf/index.ts';
import { joinStage } from '../../src/stages/join.ts';
import { redactStage } from '../../src/stages/redact/index.ts';
import { truncateStage } from '../../src/stages/truncate.ts';
import { attributesOf, batchOf } from '../harness/batch.ts';
import { buildStage, stageContext } from '../stages/stage-fixture.ts';

/** The attribute for the header, which is a list of one text. */
const KEY = 'http.request.header.referer';

await loadConditions();

/** A batch of one line of an access log with this referer, and what stages make of it. */
function lineOf(referer: string) {
  const context = stageContext();
  const batch = batchOf([`::1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 5 "${referer}" "-"`], context.keys);
  const process = <Options>(definition: StageDefinition<Options>, options: unknown): RecordBatch => {
    buildStage(definition, options, context).process(batch);
    return batch;
  };
  process(clfStage, {});
  return { batch, process, referer: () => attributesOf(batch)[KEY] };
}

test('a list of one text stays a list where it is cut, and where something in it is redacted', () => {
  const cut = lineOf('https://shop.example/');
  cut.process(truncateStage, { max_attribute: '8B' });
  assert.deepEqual(cut.referer(), ['https://']);

  const redacted = lineOf('https://shop.example/?to=anna@shop.example');
  redacted.process(redactStage, { detect: ['email'] });
  assert.deepEqual(redacted.referer(), ['https://shop.example/?to=[email]']);
});

test('a list of one text becomes that text where a stage makes it a text', () => {
  for (const [definition, options] of [
    [castStage, { [KEY]: 'string' }],
    [joinStage, { fields: [KEY] }],
  ] as const) {
    const line = lineOf('https://shop.example/');
    line.process(definition as StageDefinition<unknown>, options);
    assert.equal(line.referer(), 'https://shop.example/', definition.type);
  }
});

test('a list of one text is a list for conditions', () => {
  const { batch } = lineOf('https://shop.example/');
  for (const text of [`attributes["${KEY}"][0] == "https://shop.example/"`, `size(attributes["${KEY}"]) == 1`]) {
    const condition = parseCondition(text);
    if (condition instanceof ConfigError) throw condition;
    assert.equal(condition.build(batch.keys)(batch, 0), Verdict.True, text);
  }
});

test('a list of one text is JSON for own stages, as every list', () => {
  const { batch } = lineOf('https://shop.example/');
  const view = new BatchRecordView('own');
  view.show(batch, 0);
  assert.equal(view.string(KEY), '["https://shop.example/"]');
});

test('a list of one text is printed as a list, without what drives a terminal', () => {
  const { batch } = lineOf('a\\x22b\u001b[31m');
  assert.match(new JsonFormat().render(batch), /"http.request.header.referer":\["a\\"b\\u001b\[31m"\]/);
  assert.equal(fieldsOf(batch, 0).get(`attributes.${KEY}`), '["a\\"b\\u001b[31m"]');
});
