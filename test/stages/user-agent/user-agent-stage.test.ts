import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userAgentStage } from '../../../src/stages/user-agent/index.ts';
import { attributesOf } from '../../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from '../stage-fixture.ts';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';

test('the example of user_agent holds', () => assertExample(userAgentStage));

test('user_agent gives equal headers equal attributes, also long ones', () => {
  const headers = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `tool${i % 700}/${i % 5}.0` : FIREFOX));
  headers.push(`curl/8.5.0 ${'x'.repeat(100_000)}`);
  const batch = processObjects(
    userAgentStage,
    { field: 'agent' },
    headers.map((agent) => JSON.stringify({ agent })),
  );
  for (const [record, header] of headers.entries()) {
    const { agent, ...attributes } = attributesOf(batch, record);
    assert.equal(agent, header);
    const [name, version] = header.split(/[/ ]/);
    const expected =
      header === FIREFOX
        ? {
            'user_agent.name': 'Firefox',
            'user_agent.version': '128.0',
            'user_agent.os.name': 'Windows',
            'user_agent.os.version': '10',
          }
        : { 'user_agent.name': name, 'user_agent.version': version };
    assert.deepEqual(attributes, expected);
  }
});

test('user_agent leaves alone what it does not know, what is no text, and dropped records', () => {
  const objects = [
    { 'user_agent.original': '' },
    { 'user_agent.original': 7 },
    { a: 1 },
    { 'user_agent.original': 'curl/8' },
  ];
  const batch = batchOfObjects(objects.map((object) => JSON.stringify(object)));
  batch.drop(3);
  buildStage(userAgentStage, {}, stageContext(batch.keys)).process(batch);
  for (const [record, object] of objects.entries()) assert.deepEqual(attributesOf(batch, record), object);
  assert.deepEqual(batch.failures, []);
});

test('user_agent refuses options that it does not have', () => {
  assert.equal(optionErrors(userAgentStage, { keep: true }).length, 1);
});
