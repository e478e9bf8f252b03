import { type ChosenPipeline, choosePipeline } from '../agent/chosen-pipeline.ts';
import type { RecordFields } from '../agent/record-fields.ts';
import { type RecordTrace, type StageTrace, timeStages, traceInput } from '../agent/trace-input.ts';
import { OperatorError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { type CommandContext, EXIT } from './context.ts';
import { DEFAULT_FILES, defaultFile } from './default-files.ts';
import { misused } from './misused.ts';
import { parseLines } from './parse-lines.ts';
import { readConfig } from './read-config.ts';
import { stageContext } from './stage-context.ts';
import { type Style, styleOf } from './style.ts';
import { readWhole } from './tail-input.ts';
import { usedPipeline } from './tested-pipelines.ts';

export interface ExplainOptions {
  readonly config?: string;
  readonly pipeline?: string;
  readonly use?: string;
  readonly line?: string;
  readonly lines: string;
}

/** `pillion explain`: shows what each stage of a pipeline makes of lines; resolves with the exit code. */
export async function explain(
  file: string | undefined,
  options: ExplainOptions,
  context: CommandContext,
): Promise<number> {
  const lines = parseLines(options.lines);
  const limit = lines === 'all' ? Number.POSITIVE_INFINITY : lines;
  if (options.use !== undefined && (options.config ?? options.pipeline) !== undefined) {
    throw misused(
      '--use goes without --config and --pipeline',
      'Leave out --use to take a pipeline of a configuration',
    );
  }
  if (options.line !== undefined && file !== undefined) {
    throw misused('--line goes without a file', `Leave out --line to read ${JSON.stringify(file)}`);
  }
  const pipeline = await pipelineFor(options, context);
  if (pipeline === undefined) return EXIT.usage;
  const input =
    options.line === undefined ? await readWhole(file, process.stdin, 'explain') : Buffer.from(`${options.line}\n`);
  const { name, steps, grouping, resource } = pipeline;
  const traced = { steps, grouping, resource, stream: file ?? 'stdin', context: stageContext(name, context) };
  const traces = traceInput(input, traced);
  const times = timeStages(input, traced);
  const style = styleOf(context.stdout, context);
  for (const [index, trace] of traces.slice(0, limit).entries()) {
    context.stdout.write(`${formatTrace(index + 1, trace, times, style)}\n`);
  }
  if (traces.length > limit) {
    context.stdout.write(style.dim(`and ${traces.length - limit} more records; --lines all shows them\n`));
  }
  if (traces.length === 0) context.stderr.write('# there is no line in it\n');
  return EXIT.ok;
}

async function pipelineFor(options: ExplainOptions, context: CommandContext): Promise<ChosenPipeline | undefined> {
  if (options.use !== undefined) return usedPipeline(options.use, context);
  if (options.config === undefined && defaultFile() === undefined) {
    throw new OperatorError({
      code: 'ERR_USAGE',
      message: `Nothing to explain with: there is no ${DEFAULT_FILES.join(' and no ')}`,
      hint: 'Name a configuration with --config, or a ready-made pipeline, as in `--use nginx`',
    });
  }
  const config = await readConfig(options.config, context);
  return config === undefined ? undefined : choosePipeline(config, options.pipeline);
}

function formatTrace(
  number: number,
  { framed, stages }: RecordTrace,
  times: ReadonlyMap<string, number>,
  style: Style,
): string {
  const lines = [style.bold(`record ${number}: ${printable(framed.get('body') ?? '')}`)];
  for (const [name, value] of framed) if (name !== 'body') lines.push(`    ${printable(`${name}: ${value}`)}`);
  let before = framed;
  for (let at = 0; at < stages.length; at++) {
    const stage = stages[at]!;
    const told = formatStage(before, stage, style);
    before = stage.after;
    const idle = told.length === 0 ? idleFrom(stages, at) : [stage];
    const time = idle.length > 1 ? undefined : times.get(stage.name);
    const title = `  ${idle.length > 1 ? titleOfAll(idle) : `${positionOf(stage)} ${stage.label}`}`;
    lines.push(`${title.padEnd(40)} ${style.dim(time === undefined ? '' : formatTime(time))}`.trimEnd());
    lines.push(...(told.length === 0 ? [style.dim('    changed nothing')] : told));
    at += idle.length - 1;
  }
  if (stages.length === 0) lines.push(style.dim('  no stage works on it'));
  return `${lines.join('\n')}\n`;
}

function positionOf({ name }: StageTrace): string {
  return name.replace(/^.*\//, '');
}

/** The stages from `at` on, of one group, that changed nothing: they are told about together. */
function idleFrom(stages: readonly StageTrace[], at: number): StageTrace[] {
  const groupOf = ({ name }: StageTrace): string => name.replace(/\d+$/, '');
  let end = at + 1;
  for (; end < stages.length && groupOf(stages[end]!) === groupOf(stages[at]!); end++) {
    const { after, isTaken, failure, dropped, counts } = stages[end]!;
    const before = stages[end - 1]!.after;
    const isIdle = isTaken && failure === undefined && dropped === undefined && counts.length === 0;
    if (!isIdle || [...before.keys(), ...after.keys()].some((name) => before.get(name) !== after.get(name))) break;
  }
  return stages.slice(at, end);
}

/** `1.3.2 to 1.3.4 nginx: ./error.yaml: timestamp, severity, body` */
function titleOfAll(stages: readonly StageTrace[]): string {
  const labels = stages.map(({ label }, index) => (index === 0 ? label : label.replace(/^.*: /, '')));
  return `${positionOf(stages[0]!)} to ${positionOf(stages.at(-1)!)} ${labels.join(', ')}`;
}

/** What the stage did; nothing where it changed nothing. */
function formatStage(before: RecordFields, trace: StageTrace, style: Style): string[] {
  const { after, isTaken, failure, isFailureIgnored, dropped, counts } = trace;
  if (!isTaken) return [style.dim('    not for this record: its condition does not hold')];
  const lines: string[] = [];
  if (failure !== undefined && isFailureIgnored) {
    lines.push(style.dim(`    not for this record: ${printable(failure)}`));
  } else if (failure !== undefined) {
    lines.push(style.bad(`    ! could not read it: ${printable(failure)}`));
  }
  if (dropped !== undefined) return [...lines, style.bad(`    ! dropped (${dropped})`)];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === is) continue;
    if (was === undefined) lines.push(style.good(`    + ${printable(`${name}: ${is}`)}`));
    else if (is === undefined) lines.push(style.bad(`    - ${printable(name)}`));
    else lines.push(`    ~ ${printable(`${name}: ${was}`)} ${style.dim('->')} ${printable(is)}`);
  }
  for (const count of counts) lines.push(style.good(`    # ${printable(count)}`));
  return lines;
}

function formatTime(ms: number): string {
  const microseconds = 1000 * ms;
  return `${microseconds < 10 ? microseconds.toFixed(2) : microseconds.toFixed(0)} µs a record`;
}
