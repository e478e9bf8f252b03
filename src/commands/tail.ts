import { glob } from 'node:fs/promises';
import { choosePipeline } from '../agent/chosen-pipeline.ts';
import { detectInput, linesOf } from '../agent/detect-input.ts';
import { volatileCheckpoint } from '../agent/open-checkpoint.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { PlainDocument } from '../config/plain-document.ts';
import { SystemClock } from '../core/clock.ts';
import { printable } from '../core/printable.ts';
import { readableAs } from '../detect/detection.ts';
import type { StageList } from '../detect/forms/form.ts';
import { consoleSinkOn, isReaderGone } from '../sinks/console/index.ts';
import { sectionBeforeLastLines } from '../sources/file/last-lines.ts';
import { createLogger, type LogLevel } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { type CommandContext, EXIT } from './context.ts';
import { likelyPipelines } from './likely-pipelines.ts';
import { makeDetector } from './make-detector.ts';
import { misused } from './misused.ts';
import { parseLines } from './parse-lines.ts';
import { checkDocument, readConfig } from './read-config.ts';
import { runAgent } from './run-agent.ts';
import { wantsColour } from './style.ts';
import { findTailInput } from './tail-input.ts';

const LF = 0x0a;
/** How much of an input is enough to tell what it is; with more of it the first line would come later. */
const ENOUGH_BYTES = 16 * 1024;

export interface TailOptions {
  readonly config?: string;
  readonly pipeline?: string;
  readonly lines: string;
  readonly follow: boolean;
  readonly format: string;
  readonly raw?: boolean;
  readonly logLevel?: LogLevel;
}

/** `pillion tail`: prints what the pipeline makes of each line; resolves with the exit code. */
export async function tail(files: readonly string[], options: TailOptions, context: CommandContext): Promise<number> {
  const lines = parseLines(options.lines);
  if (options.pipeline !== undefined && options.config === undefined) {
    throw misused('--pipeline goes with --config', 'Name the configuration file that has the pipeline');
  }
  if (options.raw === true && options.config !== undefined) {
    throw misused('--raw goes without --config', 'Leave out --raw to see what the pipeline makes of lines');
  }
  const { include, files: existing, head } = await findTailInput(files, process.stdin);
  if (include.length > 0 && existing.length === 0 && (await matchesNothing(include))) {
    context.stderr.write(`# no file matches${options.follow ? ' yet: waiting for one' : ''}\n`);
  }
  const isPlain = options.config !== undefined || options.raw === true;
  // Files that are several, or still to come, are looked at one by one, as they are read.
  const isOne = include.length === existing.length && existing.length < 2;
  const { stages, multiline } = isPlain ? AS_IT_IS : isOne ? await readingOf(head, existing[0], context) : AUTO;
  if (stages.length > 0 && context.stderr.isTTY === true) {
    context.stderr.write(`# stages: ${printable(JSON.stringify(stages))}\n`);
  }
  const document = new PlainDocument();
  if (include.length === 0) document.set(['sources', 'input'], { type: 'stdin' });
  else document.set(['sources', 'input'], { type: 'file', include, ...(multiline !== undefined && { multiline }) });
  document.set(['pipelines', 'tail'], { from: ['input'], stages, to: ['output'] });
  document.set(['sinks', 'output'], { type: 'console', format: options.format });
  let config = await checkDocument(document, context);
  if (options.config !== undefined) config = await withStagesOf(options, config, context);
  if (config === undefined) return EXIT.usage;

  const logger = createLogger({
    level: options.logLevel ?? 'warn',
    pretty: context.stderr.isTTY === true,
    colour: wantsColour(context.env),
    stream: context.stderr,
  });
  // When the reader has gone, as in `pillion tail app.log | head`, there is nothing left to do.
  const outputGone = new AbortController();
  let isOutputBroken = false;
  const sinks = config.sinks.map((sink) => ({
    ...sink,
    definition: consoleSinkOn(
      () => process.stdout,
      (error) => {
        isOutputBroken = !isReaderGone(error);
        outputGone.abort();
      },
    ),
  }));
  const drain = options.follow ? context.drain : AbortSignal.abort();
  const ended = await runAgent(
    {
      config: { ...config, sinks },
      checkpoint: volatileCheckpoint(lines === 'all' ? undefined : await sectionBeforeLastLines(existing, lines)),
      clock: new SystemClock(),
      logger,
      metrics: new Metrics(),
    },
    { ...context, drain, stop: AbortSignal.any([context.stop, outputGone.signal]) },
  );
  if (outputGone.signal.aborted) return isOutputBroken ? EXIT.failed : EXIT.ok;
  return ended.isComplete ? EXIT.ok : EXIT.failed;
}

/** How records are read, as a configuration has it. */
interface Reading {
  readonly stages: StageList;
  readonly multiline?: unknown;
}

const AS_IT_IS: Reading = { stages: [] };
const AUTO: Reading = { stages: [{ use: 'auto' }] };

/** How an input is read of which `head` is the start. */
async function readingOf(head: Buffer, file: string | undefined, context: CommandContext): Promise<Reading> {
  const start = head.subarray(0, ENOUGH_BYTES);
  const end = start.lastIndexOf(LF);
  const input = end < 0 ? start : start.subarray(0, end + 1);
  const name = file ?? 'stdin';
  const parts = await makeDetector(context, (names, stages) =>
    likelyPipelines(names, linesOf(input, name, stages), name),
  );
  const { detection, multiline } = detectInput(input, name, parts.detector, parts.context);
  return { stages: readableAs(detection)?.written ?? [], multiline };
}

/** The configuration with the stages of the pipeline that the options name. */
async function withStagesOf(
  { config: file, pipeline: name }: TailOptions,
  config: AgentConfig | undefined,
  context: CommandContext,
): Promise<AgentConfig | undefined> {
  const other = await readConfig(file, context);
  if (other === undefined || config === undefined) return undefined;
  const chosen = choosePipeline(other, name);
  const pipelines = config.pipelines.map((pipeline) => ({ ...pipeline, stages: chosen.steps }));
  return { ...config, resource: other.resource, pipelines };
}

async function matchesNothing(globs: readonly string[]): Promise<boolean> {
  for await (const _ of glob([...globs])) return false;
  return true;
}
