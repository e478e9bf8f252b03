import { LabelSet } from '../../core/label-set.ts';
import type { Exemplar } from '../../core/metric.ts';

/** Names and values of an exemplar's labels together may have so many characters. */
const MAX_CHARACTERS = 128;

/** What comes first, because it leads to the trace. */
const FIRST = ['trace_id', 'span_id'];

/** The labels of an exemplar that fit into what every format allows: those of the trace first. */
export function exemplarLabels({ labels }: Exemplar): LabelSet {
  const pairs = [...labels];
  let characters = 0;
  for (const [name, value] of pairs) characters += [...name].length + [...value].length;
  if (characters <= MAX_CHARACTERS) return labels;
  const kept: [string, string][] = [];
  let left = MAX_CHARACTERS;
  const ordered = [...pairs].sort(([a], [b]) => rank(a) - rank(b));
  for (const [name, value] of ordered) {
    const needed = [...name].length + [...value].length;
    if (needed > left) continue;
    left -= needed;
    kept.push([name, value]);
  }
  return LabelSet.of(kept);
}

function rank(name: string): number {
  const at = FIRST.indexOf(name);
  return at < 0 ? FIRST.length : at;
}
