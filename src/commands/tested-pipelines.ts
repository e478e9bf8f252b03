import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ChosenPipeline, pipelinesOf } from '../agent/chosen-pipeline.ts';
import { PlainDocument } from '../config/plain-document.ts';
import { GROUP_FILE, READY_MADE_FOLDER, readyMadeNames } from '../config/ready-made.ts';
import type { CommandContext } from './context.ts';
import { checkDocument, readConfig } from './read-config.ts';

/** A pipeline with the folder of its cases. */
export interface TestedPipeline {
  readonly pipeline: ChosenPipeline;
  readonly folder: string;
}

/**
 * What `pillion test` is asked to test: a configuration file, whose pipelines have their cases in `cases/<pipeline>/`
 * beside it; the `pipeline.yaml` of a pipeline, or its folder, with `cases/` in it; or the name of a ready-made one.
 * Undefined: it has errors, which are printed.
 */
export async function testedPipelines(
  target: string | undefined,
  context: CommandContext,
): Promise<TestedPipeline[] | undefined> {
  if (target !== undefined && !existsSync(target) && readyMadeNames(READY_MADE_FOLDER).includes(target)) {
    return testedGroup(target, join(READY_MADE_FOLDER, target), context);
  }
  if (target !== undefined && (existsSync(join(target, GROUP_FILE)) || basename(target) === GROUP_FILE)) {
    const folder = basename(target) === GROUP_FILE ? dirname(target) : target;
    return testedGroup(join(folder, GROUP_FILE), folder, context);
  }
  const config = await readConfig(target, context);
  if (config === undefined) return undefined;
  return pipelinesOf(config).map((pipeline) => ({
    pipeline,
    folder: join(dirname(config.file), 'cases', pipeline.name),
  }));
}

async function testedGroup(
  use: string,
  folder: string,
  context: CommandContext,
): Promise<TestedPipeline[] | undefined> {
  const pipeline = await usedPipeline(use, context);
  return pipeline === undefined ? undefined : [{ pipeline, folder: join(folder, 'cases') }];
}

/** The pipeline of a ready-made one, or of a file of stages, as a file source would feed it. Undefined: it has errors. */
export async function usedPipeline(use: string, context: CommandContext): Promise<ChosenPipeline | undefined> {
  const isName = use === 'auto' || readyMadeNames(READY_MADE_FOLDER).includes(use);
  const isFile = !isName && /\.([cm]?[jt]s|ya?ml)$/.test(use);
  const path = isFile && !/^\.{0,2}[/\\]/.test(use) ? `./${use}` : use;
  const document = new PlainDocument();
  document.set(['sources', 'input'], { type: 'file', include: ['*.log'] });
  document.set(['pipelines', isName ? use : 'pipeline'], { from: ['input'], stages: [{ use: path }], to: ['output'] });
  document.set(['sinks', 'output'], { type: 'console' });
  const config = await checkDocument(document, context);
  return config === undefined ? undefined : pipelinesOf(config)[0];
}
