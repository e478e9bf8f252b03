import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { type Case, caseClock, type Difference, findCases, runCase, updateCase } from '../agent/cases.ts';
import type { RecordFields } from '../agent/record-fields.ts';
import { SystemClock } from '../core/clock.ts';
import { OperatorError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { type CommandContext, EXIT } from './context.ts';
import { stageContext } from './stage-context.ts';
import { type Style, styleOf } from './style.ts';
import { type TestedPipeline, testedPipelines } from './tested-pipelines.ts';

export interface TestOptions {
  readonly update?: boolean;
}

/** Records of a case that are shown with what differs. */
const MAX_SHOWN_RECORDS = 10;

/** `pillion test`: runs the cases of pipelines and says what differs; resolves with the exit code. */
export async function test(
  target: string | undefined,
  { update = false }: TestOptions,
  context: CommandContext,
): Promise<number> {
  const tested = await testedPipelines(target, context);
  if (tested === undefined) return EXIT.usage;
  let passed = 0;
  let failed = 0;
  let updated = 0;
  for (const { pipeline, folder } of tested) {
    for (const one of findCases(folder)) {
      const { actual, differences } = await runCase(one, optionsFor(pipeline, context), update);
      const name = `${pipeline.name}/${one.name}`;
      if (differences.length === 0) {
        passed++;
        continue;
      }
      if (update) {
        await updateCase(one, actual);
        updated++;
        context.stdout.write(`${styleOf(context.stdout, context).dim('updated')} ${name} (${count(actual.length)})\n`);
        continue;
      }
      failed++;
      context.stdout.write(formatFailure(name, one, actual.length, differences, styleOf(context.stdout, context)));
    }
  }
  if (passed + failed + updated === 0) throw noCases(tested);
  const parts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(updated > 0 ? [`${updated} updated`] : []),
  ];
  context.stdout.write(`${parts.join(', ')}\n`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function optionsFor({ name, steps, grouping, resource }: TestedPipeline['pipeline'], context: CommandContext) {
  return { steps, grouping, resource, context: stageContext(name, context, caseClock(new SystemClock())) };
}

function noCases(tested: readonly TestedPipeline[]): OperatorError {
  const folder = relative('.', tested[0]?.folder ?? 'cases');
  return new OperatorError({
    code: 'ERR_USAGE',
    message: existsSync(folder)
      ? `No case in ${JSON.stringify(folder)}`
      : `There is no folder ${JSON.stringify(folder)}`,
    hint: `Put lines into ${folder}/first.log, and run it with --update to write what becomes of them`,
  });
}

function formatFailure(
  name: string,
  { inputFile, expectedFile }: Case,
  records: number,
  differences: readonly Difference[],
  style: Style,
): string {
  const lines = [`${style.bad('failed')} ${name}: ${differences.length} of ${count(records)} differ`];
  lines.push(style.dim(`  ${relative('.', inputFile)} -> ${relative('.', expectedFile)}`));
  if (!existsSync(expectedFile)) {
    lines.push('  It says nothing yet of what is expected: read what comes out, and write it with --update.');
  }
  for (const difference of differences.slice(0, MAX_SHOWN_RECORDS)) lines.push(...formatDifference(difference, style));
  if (differences.length > MAX_SHOWN_RECORDS) lines.push(`  and ${differences.length - MAX_SHOWN_RECORDS} more`);
  return `${lines.join('\n')}\n`;
}

function formatDifference({ number, expected, actual }: Difference, style: Style): string[] {
  if (actual === undefined) return [`  record ${number} is missing`, ...allOf(expected, style.bad, '-')];
  if (expected === undefined) return [`  record ${number} was not expected`, ...allOf(actual, style.good, '+')];
  const lines = [`  record ${number}`];
  for (const name of new Set([...expected.keys(), ...actual.keys()])) {
    const [before, after] = [expected.get(name), actual.get(name)];
    if (before === after) continue;
    if (before !== undefined) lines.push(style.bad(`    - ${printable(`${name}: ${before}`)}`));
    if (after !== undefined) lines.push(style.good(`    + ${printable(`${name}: ${after}`)}`));
  }
  return lines;
}

function allOf(fields: RecordFields | undefined, colour: (text: string) => string, sign: string): string[] {
  return Array.from(fields ?? [], ([name, value]) => colour(`    ${sign} ${printable(`${name}: ${value}`)}`));
}

function count(records: number): string {
  return `${records} record${records === 1 ? '' : 's'}`;
}
