import { array, optional, string } from 'valibot';
import {
  choice,
  defaultText,
  defaultTexts,
  described,
  type Infer,
  object,
  optionalInteger,
  optionalText,
} from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { CaptureRegex } from './capture-regex.ts';

const ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'lowercase',
  'uppercase',
  'labelmap',
  'labeldrop',
  'labelkeep',
] as const;

/** A text that may be empty. */
function anyText({ doc, default: text }: { readonly doc: string; readonly default: string }) {
  return optional(described(string('expected a text'), 'text', { doc }), text);
}

const rule = object({
  action: choice(ACTIONS, { doc: 'What the rule does.', default: 'replace' }),
  source_labels: defaultTexts({
    doc: 'Labels whose values, joined by `separator`, are what the rule looks at. `__name__` is the name of the sample.',
    default: [],
    example: '[__name__, code]',
  }),
  separator: anyText({ doc: 'What the values are joined by.', default: ';' }),
  regex: defaultText({
    doc: 'What the whole value has to match, in the dialect of RE2; of `labelmap`, `labeldrop` and `labelkeep` the name of a label.',
    default: '(.*)',
  }),
  replacement: anyText({
    doc: 'The new value, with `$1` or `$name` for groups of `regex`. Where a letter or digit follows, write `$${1}`: a single dollar before a brace is a variable of the environment.',
    default: '$1',
  }),
  target_label: optionalText({ doc: 'The label that gets the value.', example: 'code' }),
  modulus: optionalInteger({ doc: 'Of `hashmod`: what the hash is divided by.', min: 1, max: 2 ** 31 }),
});

/** One rule, checked. */
export type RelabelOptions = Infer<typeof rule>;

/** The option for a list of rules. */
export const relabelOption = optional(
  described(array(rule), 'list of rules', {
    doc: 'Rules by which samples are renamed, labelled and dropped, one after the other: those of `metric_relabel_configs` of Prometheus.',
    example: '[{ action: drop, source_labels: [__name__], regex: "go_.*" }]',
  }),
  [],
);

const NEEDS_TARGET: ReadonlySet<string> = new Set([
  'replace',
  'keepequal',
  'dropequal',
  'hashmod',
  'lowercase',
  'uppercase',
]);

/** What is wrong with the rules that the types of their options do not say. */
export function checkRelabel(rules: readonly RelabelOptions[]): ConfigError[] {
  return rules.flatMap(({ action, regex, target_label: target, modulus }, i) => {
    const path = ['relabel', i];
    const errors: ConfigError[] = [];
    const compiled = CaptureRegex.create(regex);
    if (!(compiled instanceof CaptureRegex)) {
      const message = `Cannot compile regex ${JSON.stringify(regex)}: ${compiled.problem}`;
      errors.push(
        new ConfigError({ code: 'ERR_CONFIG_PATTERN', path: [...path, 'regex'], message, hint: compiled.hint }),
      );
    }
    if (NEEDS_TARGET.has(action) && target === undefined) {
      const message = `Rule with "action: ${action}" has no "target_label"`;
      const hint = 'Name the label that the rule sets, or compares with';
      errors.push(new ConfigError({ code: 'ERR_CONFIG_MISSING', path, message, hint }));
    }
    if (action === 'hashmod' && modulus === undefined) {
      const message = 'Rule with "action: hashmod" has no "modulus"';
      errors.push(
        new ConfigError({ code: 'ERR_CONFIG_MISSING', path, message, hint: 'Say by what the hash is divided' }),
      );
    }
    return errors;
  });
}
