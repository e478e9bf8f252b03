import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildStages } from '../../src/agent/build-stages.ts';
import { findCases } from '../../src/agent/cases.ts';
import { frameInput, type TraceOptions } from '../../src/agent/trace-input.ts';
import { Verdict } from '../../src/condition/verdict.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { readyMade } from '../harness/ready-made.ts';

/** How the names of cases begin whose lines are broken, or look just the same in another format. */
const NO_SIGN = /^(broken|shared)/;

/** How many of the records of its own cases must show that they are of the format. */
const MIN_OWN_SHARE = 0.8;

interface Pipeline {
  readonly name: string;
  readonly options: Omit<TraceOptions, 'stream'>;
  /** Its cases that show the format. */
  readonly inputs: readonly Buffer[];
}

async function pipelineOf(name: string): Promise<Pipeline> {
  const cases = findCases(join(READY_MADE_FOLDER, name, 'cases'));
  const telling = cases.filter((one) => !NO_SIGN.test(one.name));
  return { name, options: await readyMade(name), inputs: telling.map((one) => readFileSync(one.inputFile)) };
}

/** How many records of an input a pipeline reads without failure and knows for its own, and how many there are. */
function detected({ name, options }: Pipeline, input: Buffer): { readonly met: number; readonly all: number } {
  const { steps, context } = options;
  const [group] = steps;
  assert.ok(group !== undefined && 'stages' in group, name);
  const judge = group.detect?.build(context.keys);
  if (judge === undefined) return { met: 0, all: 0 };
  const batch = frameInput(input, { ...options, stream: name });
  for (const stage of buildStages(steps, context)) stage.process(batch);
  let met = 0;
  for (let record = 0; record < batch.count; record++) {
    if ((batch.flags[record]! & RecordFlag.ParseFailed) !== 0) continue;
    if (batch.isLive(record) && judge(batch, record) === Verdict.True) met++;
  }
  return { met, all: batch.count };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const pipelines = await Promise.all(readyMadeNames(READY_MADE_FOLDER).map(pipelineOf));

for (const own of pipelines) {
  if ((own.options.steps[0] as { detect?: unknown }).detect === undefined) continue;
  test(`the ready-made pipeline ${own.name} knows its own records`, () => {
    const counts = own.inputs.map((input) => detected(own, input));
    const met = sum(counts.map((count) => count.met));
    const all = sum(counts.map((count) => count.all));
    assert.ok(met >= MIN_OWN_SHARE * all, `${met} of ${all} records meet its condition`);
  });

  test(`no other ready-made pipeline knows more of the records of ${own.name}`, (t) => {
    const mine = sum(own.inputs.map((input) => detected(own, input).met));
    const others = pipelines
      .filter((other) => other !== own)
      .map((other) => ({ name: other.name, met: sum(own.inputs.map((input) => detected(other, input).met)) }))
      .filter(({ met }) => met > 0);
    for (const { name, met } of others) t.diagnostic(`${own.name}: ${mine} records; also known to ${name}: ${met}`);
    assert.deepEqual(
      others.filter(({ met }) => met > mine),
      [],
    );
  });
}
