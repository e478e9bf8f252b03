import { describeValue } from '../component/describe-value.ts';
import type { Condition } from '../condition/condition.ts';
import { ConfigError, type ConfigPath } from '../core/errors.ts';
import type { ConfiguredPipeline, ConfiguredStep } from './agent-config.ts';
import { below, checkFilled } from './check-component.ts';
import type { Section } from './check-components.ts';
import { type Check, mapAt } from './check-context.ts';
import { checkName, nameHint } from './check-names.ts';
import { checkStage } from './check-stage.ts';
import { checkCondition } from './check-stage-options.ts';
import { pipelineSchema } from './file-schema.ts';

/** The names that each section defines; none: the section itself is missing or wrong, which says enough. */
export type DefinedNames = Readonly<Record<Section, readonly string[]>>;

/** Checks a pipeline: its keys, that what it names is defined, and each of its stages. Undefined: it has errors. */
export async function checkPipeline(
  name: string,
  written: unknown,
  defined: DefinedNames,
  check: Check,
): Promise<ConfiguredPipeline | undefined> {
  const path = ['pipelines', name];
  checkName(path, check.report);
  const checked = checkFilled(pipelineSchema, written, path, check.document);
  if (!checked.ok) check.report.addAll(checked.errors);

  // Errors in the other keys do not hide those in the stages.
  const items = checked.ok ? checked.options.stages : mapAt(written)['stages'];
  const stages: ConfiguredStep[] = [];
  for (const [i, item] of (Array.isArray(items) ? items : []).entries()) {
    const stage = await checkStage(item, [...path, 'stages', i], check);
    if (stage !== undefined) stages.push(stage);
  }
  if (!checked.ok) return undefined;
  const {
    from,
    to,
    opt_in: isOptIn,
    record_uid: recordUid,
    dead_letter: file,
    dead_letter_max_size: maxBytes,
  } = checked.options;
  const deadLetter = file === undefined ? undefined : { path: file, maxBytes };
  if (deadLetter === undefined && stages.some(setsAside)) check.report.add(noDeadLetter(path));
  checkReferences(from, 'sources', [...path, 'from'], defined, check);
  const sinks = to.map(({ sink }) => sink);
  checkReferences(sinks, 'sinks', [...path, 'to'], defined, check);
  const conditions = new Map<string, Condition>();
  for (const [i, { sink, if: written }] of to.entries()) {
    const condition = await checkCondition(written);
    if (condition instanceof ConfigError) {
      check.report.add(below([...path, 'to', i, 'if'], condition));
    } else if (condition !== undefined) {
      conditions.set(sink, condition);
    }
  }
  return { name, from, stages, to: sinks, conditions, deadLetter, isOptIn, recordUid };
}

/** Whether a stage wants records set aside. */
function setsAside(step: ConfiguredStep): boolean {
  return 'stages' in step ? step.stages.some(setsAside) : step.onError === 'dead_letter';
}

function noDeadLetter(path: ConfigPath): ConfigError {
  const message = 'A stage sets records aside, and the pipeline has no file for them';
  const hint = 'Name one, as in `dead_letter: /var/lib/pillion/unread.jsonl`';
  return new ConfigError({ code: 'ERR_CONFIG_MISSING', path: [...path, 'dead_letter'], message, hint });
}

const OTHER: Record<Section, Section> = { sources: 'sinks', sinks: 'sources' };

function checkReferences(
  names: readonly string[],
  section: Section,
  path: ConfigPath,
  defined: DefinedNames,
  { report }: Check,
): void {
  const what = section.slice(0, -1);
  const known = defined[section];
  for (const [i, name] of names.entries()) {
    const at = [...path, i];
    if (names.indexOf(name) < i) {
      const message = `Cannot name ${what} ${describeValue(name)} twice`;
      report.add(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: at, message, hint: 'Remove one of the two' }));
    }
    if (known.length === 0 || known.includes(name)) continue;
    const hint = defined[OTHER[section]].includes(name)
      ? `${describeValue(name)} is one of the ${OTHER[section]}`
      : nameHint(name, known, section);
    const message = `No ${what} is named ${describeValue(name)}`;
    report.add(new ConfigError({ code: 'ERR_CONFIG_REFERENCE', path: at, message, hint }));
  }
}
