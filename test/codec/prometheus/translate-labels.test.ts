import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attributeTranslator, labelTranslator } from '../../../src/codec/prometheus/translate-labels.ts';
import { translateLabelName } from '../../../src/codec/prometheus/translate-name.ts';
import { LabelSet } from '../../../src/core/label-set.ts';

/** Names that meet each other when they are translated, or labels that are there already. */
const NAMES = [
  'a.b',
  'a_b',
  'a-b',
  'job',
  'exported_job',
  'exported_exported_job',
  'le',
  'exported_le',
  '1x',
  'x',
  'é',
];
const labels = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom('', '1', '2', 'ü"')), {
    selector: ([name]) => name,
    maxLength: 8,
  })
  .map((pairs) => LabelSet.of(pairs));
const fixed = fc.constantFrom(LabelSet.empty, LabelSet.of([['job', 'shop']]), LabelSet.of([['exported_job', 'x']]));
const reserved = fc.constantFrom(undefined, 'le');

/** The rule, a label after the other. */
function translated(given: LabelSet, fixed: LabelSet, reserved: string | undefined): LabelSet {
  const own = new Map<string, string>();
  for (const [name, value] of given) {
    const plain = translateLabelName(name, 'underscore_escaping_with_suffixes');
    own.set(plain, own.has(plain) ? `${own.get(plain)};${value}` : value);
  }
  const shown: [string, string][] = [];
  for (const [name, value] of own) {
    let free = name;
    while (free === reserved || fixed.get(free) !== undefined || (free !== name && own.has(free)))
      free = `exported_${free}`;
    shown.push([free, value]);
  }
  return LabelSet.of([...shown, ...fixed]);
}

test('attributeTranslator() translates each set by the rule, whichever came before it', () => {
  fc.assert(
    fc.property(fc.array(labels, { maxLength: 6 }), fixed, reserved, (sets, fixed, reserved) => {
      const translator = attributeTranslator(fixed, 'underscore_escaping_with_suffixes', reserved);
      for (const set of sets) {
        const shown = translator.translate(set);
        assert.deepEqual(shown, translated(set, fixed, reserved));
        assert.equal(translator.translate(set), shown, 'another object for the same labels');
      }
    }),
  );
});

test('labelTranslator() adds the fixed labels, and keeps what the series says itself', () => {
  fc.assert(
    fc.property(fc.array(labels, { maxLength: 6 }), fixed, reserved, (sets, fixed, reserved) => {
      const translator = labelTranslator(fixed, reserved);
      let isLossy = false;
      for (const set of sets) {
        const own = [...set].map(([name, value]): [string, string] => [
          name === reserved ? `exported_${name}` : name,
          value,
        ]);
        assert.deepEqual(translator.translate(set), LabelSet.of([...fixed, ...own]));
        isLossy ||=
          (reserved !== undefined && set.get(reserved) !== undefined) ||
          fixed.names.some((name) => set.get(name) !== undefined);
        assert.equal(translator.isLossy, isLossy);
      }
    }),
  );
});
