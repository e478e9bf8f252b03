import type { Infer } from '../component/options.ts';
import { ConfigError } from '../core/errors.ts';
import type { AgentConfig, ConfiguredPipeline, ConfiguredStep, ExitWhen, LoadedConfig } from './agent-config.ts';
import { checkFilled } from './check-component.ts';
import { checkComponents, type Section } from './check-components.ts';
import { type CheckContext, mapAt } from './check-context.ts';
import { checkFiles, writtenFiles } from './check-files.ts';
import { checkMetrics } from './check-metrics.ts';
import { checkPipeline } from './check-pipeline.ts';
import { checkSignals } from './check-signals.ts';
import { type ConfigDocument, Report } from './config-document.ts';
import { fileSchema } from './file-schema.ts';
import { inOrder } from './located-error.ts';
import { checkPodInfo, composeResource, resourceLayers } from './resource.ts';
import { asText, type WrittenPipeline } from './written-config.ts';

/** Checks all of `document`: the result holds every error of it, not the first one. */
export async function checkConfig(document: ConfigDocument, context: CheckContext): Promise<LoadedConfig> {
  const report = new Report(document);
  const used = new Map<string, string>();
  const check = { ...context, document, report, used, openFiles: [document.file] };
  const top = checkFilled(fileSchema, document.value, [], document);
  if (!top.ok) report.addAll(top.errors);

  // Errors in one section do not hide those in another: each is looked at as it is written.
  const root = mapAt(document.value);
  const written = { sources: mapAt(root['sources']), sinks: mapAt(root['sinks']), pipelines: mapAt(root['pipelines']) };
  const defined = { sources: Object.keys(written.sources), sinks: Object.keys(written.sinks) };
  const pipelines: ConfiguredPipeline[] = [];
  const writtenPipelines = new Map<string, WrittenPipeline>();
  for (const [name, pipeline] of Object.entries(written.pipelines)) {
    const usedHere = new Map<string, string>();
    const checked = await checkPipeline(name, pipeline, defined, { ...check, used: usedHere });
    if (checked !== undefined) pipelines.push(checked);
    writtenPipelines.set(name, pipelineAsWritten(pipeline, usedHere));
    for (const [file, text] of usedHere) used.set(file, text);
  }
  const sources = await checkComponents('sources', context.catalog.sources, written.sources, check, (name) =>
    suggestedOptions(name, pipelines),
  );
  const sinks = await checkComponents('sinks', context.catalog.sinks, written.sinks, check);
  const state = top.ok ? top.options.state : undefined;
  const stateFiles = state === undefined ? [] : [`${state}/`];
  checkFiles(sources, [...stateFiles, ...writtenFiles({ sources, sinks, pipelines })], report);
  checkSignals({ sources, sinks, pipelines }, report);
  checkMetrics(pipelines, report);
  if (top.ok) checkTop(top.options, report);
  const files = [document.file, ...used.keys()];
  if (!top.ok || report.errors.length > 0) return { ok: false, errors: inOrder(report.errors), files };

  warnOfUnused('sources', defined.sources, new Set(pipelines.flatMap(({ from }) => from)), report);
  warnOfUnused('sinks', defined.sinks, new Set(pipelines.flatMap(({ to }) => to)), report);
  const layers = resourceLayers(top.options.resource, top.options.pod_info, check);
  const { admin, health, termination_message, exit_when: exit, drain_timeout, linger, log_level, reload } = top.options;
  const config: AgentConfig = {
    file: document.file,
    stateFolder: state,
    resource: composeResource(layers, checkPodInfo(layers, check)),
    resourceLayers: layers,
    admin: admin?.listen,
    health: health?.listen,
    terminationMessage: termination_message,
    exitWhen: exit && exitWhen(exit),
    drainTimeoutMs: drain_timeout,
    lingerMs: linger,
    logLevel: log_level,
    reload,
    workers: top.options.workers,
    sources,
    pipelines,
    sinks,
  };
  return {
    ok: true,
    config,
    warnings: inOrder(report.warnings),
    written: {
      ...{ settings: settingsAsWritten(root), pipelines: writtenPipelines },
      sources: textsOf(written.sources, (name) => suggestedOptions(name, pipelines)),
      sinks: textsOf(written.sinks),
    },
    placeOf: (path) => document.locate(path, 'key'),
    files,
  };
}

const COMPONENTS: readonly string[] = ['sources', 'pipelines', 'sinks'];

function settingsAsWritten(root: Readonly<Record<string, unknown>>): Map<string, string> {
  const settings = Object.entries(root).filter(([key]) => !COMPONENTS.includes(key));
  return new Map(settings.map(([key, value]) => [key, asText(value)]));
}

/** `used`: the files that it names, and what they hold. */
function pipelineAsWritten(pipeline: unknown, used: ReadonlyMap<string, string>): WrittenPipeline {
  const { from, to, ...stages } = mapAt(pipeline);
  return { from: asText(from), to: asText(to), stages: asText(stages, [...used]) };
}

function textsOf(
  components: Readonly<Record<string, unknown>>,
  suggested: (name: string) => unknown = () => undefined,
): Map<string, string> {
  return new Map(Object.entries(components).map(([name, value]) => [name, asText(value, suggested(name))]));
}

/** What the stages want of a source, where it does not say otherwise: the first group that needs lines put together. */
function suggestedOptions(source: string, pipelines: readonly ConfiguredPipeline[]): Record<string, unknown> {
  const steps = pipelines.filter(({ from }) => from.includes(source)).flatMap(({ stages }) => stages);
  const multiline = steps.map(multilineOf).find((rules) => rules !== undefined);
  return multiline === undefined ? {} : { multiline };
}

function multilineOf(step: ConfiguredStep): unknown {
  if (!('stages' in step)) return undefined;
  return step.multiline ?? step.stages.map(multilineOf).find((rules) => rules !== undefined);
}

/** A source or sink that no pipeline names does nothing: likely forgotten, but it does no harm. */
function warnOfUnused(section: Section, defined: readonly string[], used: ReadonlySet<string>, report: Report): void {
  const [what, key] = section === 'sources' ? ['Source', 'from'] : ['Sink', 'to'];
  for (const name of defined) {
    if (used.has(name)) continue;
    const message = `${what} "${name}" is not used by any pipeline`;
    const hint = `Name it in "${key}" of a pipeline, or remove it`;
    report.warn(new ConfigError({ code: 'ERR_CONFIG_REFERENCE', path: [section, name], message, hint }), 'key');
  }
}

/** Two of the agent's own addresses with one port: the second one could not be had. */
function checkPorts({ admin, health }: Infer<typeof fileSchema>, report: Report): void {
  const port = health?.listen.port;
  if (port === undefined || port === 0 || port !== admin?.listen.port) return;
  report.add(
    new ConfigError({
      code: 'ERR_CONFIG_VALUE',
      path: ['health', 'listen'],
      message: `Cannot listen twice on port ${port}: "admin.listen" has it`,
      hint: 'Give "health" another port, or leave "admin" or "health" out: the admin address answers the probes, too',
    }),
  );
}

/** What no key at the top says alone. */
function checkTop(options: Infer<typeof fileSchema>, report: Report): void {
  checkPorts(options, report);
  checkExit(options, report);
}

function exitWhen(exit: NonNullable<Infer<typeof fileSchema>['exit_when']>): ExitWhen {
  const { file, idle, process_gone, process_wait, drain_timeout } = exit;
  return {
    file,
    idleMs: idle,
    processGone: process_gone,
    processWaitMs: process_wait,
    drainTimeoutMs: drain_timeout,
  };
}

/** A way to end that can never be taken is a Job that never completes. */
function checkExit({ exit_when: exit }: Infer<typeof fileSchema>, report: Report): void {
  if (exit === undefined) return;
  const path = ['exit_when'];
  if (exit.file === undefined && exit.idle === undefined && exit.process_gone === undefined) {
    const message = 'Nothing in "exit_when" ends the agent';
    const hint = 'Name one of "file", "idle" and "process_gone", or leave it out';
    report.add(new ConfigError({ code: 'ERR_CONFIG_MISSING', path, message, hint }));
  }
  if (exit.process_wait !== undefined && exit.process_gone === undefined) {
    const message = 'Cannot use "process_wait" without "process_gone"';
    const hint = 'Name the process in "process_gone"';
    report.add(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [...path, 'process_wait'], message, hint }));
  }
}
