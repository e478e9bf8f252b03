import type { Relabel } from '../../codec/prometheus/parse/series-cache.ts';
import { LabelSet } from '../../core/label-set.ts';
import type { TargetIdentity } from '../target-identity.ts';
import { NAME_LABEL, type Relabelled } from './relabel.ts';

/**
 * What becomes of the labels of a target's samples. Those of the target are added; where a sample has one of that name,
 * its own counts with `honor`, and is renamed to `exported_…` without. `job` and `instance` belong to the resource:
 * they stay only where they say something else than that.
 */
export function createTargetRelabel(
  { job, instance, labels }: TargetIdentity,
  honor: boolean,
  relabel: ((name: string, labels: LabelSet) => Relabelled) | undefined,
): Relabel {
  const ofTarget = new Map([...labels, ['job', job], ['instance', instance]]);
  return (name, own) => {
    const all = new Map<string, string>(own);
    // It would be there twice where a series has its name among its labels.
    all.delete(NAME_LABEL);
    for (const [label, value] of ofTarget) {
      const before = all.get(label);
      if (before !== undefined && honor) continue;
      if (before !== undefined) {
        let free = `exported_${label}`;
        while (all.has(free)) free = `exported_${free}`;
        all.set(free, before);
      }
      all.set(label, value);
    }
    const found = relabel === undefined ? { name, labels: LabelSet.of(all) } : relabel(name, LabelSet.of(all));
    if (found === undefined) return undefined;
    const kept = [...found.labels].filter(
      ([label, value]) => !((label === 'job' && value === job) || (label === 'instance' && value === instance)),
    );
    return { name: found.name, labels: LabelSet.of(kept) };
  };
}
