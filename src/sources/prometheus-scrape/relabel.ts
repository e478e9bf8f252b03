import { LabelSet } from '../../core/label-set.ts';
import { CaptureRegex } from './capture-regex.ts';
import type { RelabelOptions } from './relabel-options.ts';

/** The name of a metric among its labels, as rules see it. */
export const NAME_LABEL = '__name__';

type Labels = Map<string, string>;

/** Changes labels in place; false: the sample is dropped. */
type Rule = (labels: Labels) => boolean;

/** Makes the rules of Prometheus' `metric_relabel_configs`. The options must have passed `checkRelabel()`. */
export function compileRelabel(options: readonly RelabelOptions[]): (name: string, labels: LabelSet) => Relabelled {
  const rules = options.map(compileRule);
  return (name, labels) => {
    const changed: Labels = new Map([...labels, [NAME_LABEL, name]]);
    for (const rule of rules) if (!rule(changed)) return undefined;
    const newName = changed.get(NAME_LABEL) ?? '';
    if (newName === '') return undefined;
    return { name: newName, labels: LabelSet.of([...changed].filter(([label]) => !label.startsWith('__'))) };
  };
}

/** What rules made of a sample; undefined: it is dropped. */
export type Relabelled = { readonly name: string; readonly labels: LabelSet } | undefined;

function compileRule(options: RelabelOptions): Rule {
  const { action, source_labels: sources, separator, target_label: target = '', replacement, modulus = 1 } = options;
  const regex = CaptureRegex.create(options.regex);
  if (!(regex instanceof CaptureRegex)) throw new TypeError(`Cannot compile regex: ${regex.problem}`);
  const joined = (labels: Labels): string => sources.map((label) => labels.get(label) ?? '').join(separator);
  switch (action) {
    case 'replace':
      return (labels) => {
        const text = joined(labels);
        const name = regex.expand(text, target);
        const value = regex.expand(text, replacement);
        if (name !== undefined && value !== undefined) set(labels, name, value);
        return true;
      };
    case 'keep':
      return (labels) => regex.matches(joined(labels));
    case 'drop':
      return (labels) => !regex.matches(joined(labels));
    case 'keepequal':
      return (labels) => joined(labels) === (labels.get(target) ?? '');
    case 'dropequal':
      return (labels) => joined(labels) !== (labels.get(target) ?? '');
    case 'hashmod':
      return (labels) => set(labels, target, hashMod(joined(labels), modulus));
    case 'lowercase':
      return (labels) => set(labels, target, joined(labels).toLowerCase());
    case 'uppercase':
      return (labels) => set(labels, target, joined(labels).toUpperCase());
    case 'labelmap':
      return (labels) => {
        for (const [label, value] of [...labels]) {
          const name = regex.expand(label, replacement);
          if (name !== undefined) set(labels, name, value);
        }
        return true;
      };
    case 'labeldrop':
      return (labels) => removeWhere(labels, (label) => regex.matches(label));
    case 'labelkeep':
      return (labels) => removeWhere(labels, (label) => !regex.matches(label));
    default:
      return action satisfies never;
  }
}

/** A label with an empty value is one that is not there. */
function set(labels: Labels, name: string, value: string): true {
  if (value === '') labels.delete(name);
  else if (name !== '') labels.set(name, value);
  return true;
}

function removeWhere(labels: Labels, isUnwanted: (label: string) => boolean): true {
  for (const label of [...labels.keys()]) if (isUnwanted(label)) labels.delete(label);
  return true;
}

/** As Prometheus has it: the last eight bytes of the MD5, as a number. */
function hashMod(text: string, modulus: number): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('md5').update(text).digest();
  return String(hash.readBigUInt64BE(8) % BigInt(modulus));
}
