import type { SinkDefinition, WantedAttributes } from '../component/definition.ts';
import type { Configured, ConfiguredPipeline, ConfiguredStage, ConfiguredStep } from '../config/agent-config.ts';

/**
 * The attributes that are looked at behind each of the steps, where `last` are looked at behind the last of them. The
 * answer errs on the side of too many: what a stage replaces or removes is wanted before it if it is behind it.
 */
export function wantedBehind(steps: readonly ConfiguredStep[], last: WantedAttributes): WantedAttributes[] {
  const behind: WantedAttributes[] = [];
  let wanted = last;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i]!;
    // A stage whose failures are set aside shows the whole record, with what it has set itself.
    behind[i] = isShown(step) ? undefined : wanted;
    wanted = wantedBefore(step, wanted);
  }
  return behind;
}

/** The attributes that are looked at behind the stages of a pipeline: by its sinks, and by what chooses their records. */
export function wantedBySinks(
  { to, conditions }: Pick<ConfiguredPipeline, 'to' | 'conditions'>,
  sinks: readonly Configured<SinkDefinition<unknown>>[],
): WantedAttributes {
  const takers = sinks.filter(({ name }) => to.includes(name));
  if (takers.some(({ definition }) => definition.takes !== 'metrics')) return undefined;
  return to.reduce<WantedAttributes>((wanted, sink) => lookedAtBy(conditions.get(sink), wanted), new Set());
}

/** Whether the same attributes are wanted. */
export function isSameWanted(one: WantedAttributes, other: WantedAttributes): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && [...one].every((name) => other.has(name));
}

function wantedBefore(step: ConfiguredStep, behind: WantedAttributes): WantedAttributes {
  if ('definition' in step) return lookedAtBy(step.when, isShown(step) ? undefined : lookedAtInStage(step, behind));
  // Whatever records look like may decide what becomes of them.
  if (!('stages' in step)) return undefined;
  return lookedAtBy(
    step.when,
    step.stages.reduceRight((wanted, inner) => wantedBefore(inner, wanted), behind),
  );
}

function lookedAtInStage({ definition, options, file }: ConfiguredStage, behind: WantedAttributes): WantedAttributes {
  return file === undefined ? union(behind, definition.looksAt?.(options)) : undefined;
}

function lookedAtBy(
  condition: { readonly attributes: WantedAttributes } | undefined,
  behind: WantedAttributes,
): WantedAttributes {
  return condition === undefined ? behind : union(behind, condition.attributes);
}

function isShown(step: ConfiguredStep): boolean {
  return 'definition' in step && step.onError === 'dead_letter';
}

function union(wanted: WantedAttributes, more: Iterable<string> | undefined): WantedAttributes {
  return wanted === undefined || more === undefined ? undefined : new Set([...wanted, ...more]);
}
