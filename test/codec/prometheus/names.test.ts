import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EscapingScheme, escapeName, type NameKind } from '../../../src/codec/prometheus/names.ts';

/** Inputs of Prometheus' own description of the escaping schemes, and what is at their edges. */
const CASES: readonly { name: string; kind?: NameKind; expected: Record<EscapingScheme, string> }[] = [
  {
    name: 'no:escaping_required',
    expected: {
      'allow-utf-8': 'no:escaping_required',
      underscores: 'no:escaping_required',
      dots: 'no:escaping__required',
      values: 'no:escaping_required',
    },
  },
  {
    name: 'mysystem.prod.west.cpu.load',
    expected: {
      'allow-utf-8': 'mysystem.prod.west.cpu.load',
      underscores: 'mysystem_prod_west_cpu_load',
      dots: 'mysystem_dot_prod_dot_west_dot_cpu_dot_load',
      values: 'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load',
    },
  },
  {
    name: 'http.status:sum',
    kind: 'label',
    expected: {
      'allow-utf-8': 'http.status:sum',
      underscores: 'http_status_sum',
      dots: 'http_dot_status__sum',
      values: 'U__http_2e_status_3a_sum',
    },
  },
  {
    name: 'label with 😱',
    expected: {
      'allow-utf-8': 'label with 😱',
      underscores: 'label_with__',
      dots: 'label__with____',
      values: 'U__label_20_with_20__1f631_',
    },
  },
  { name: '1st', expected: { 'allow-utf-8': '1st', underscores: '_st', dots: '__st', values: 'U___31_st' } },
  { name: '', expected: { 'allow-utf-8': '', underscores: '', dots: '', values: '' } },
];

for (const { name, kind = 'metric', expected } of CASES) {
  test(`escapeName() escapes ${JSON.stringify(name)} of a ${kind} as each scheme has it`, () => {
    const escaped = Object.fromEntries(
      (['allow-utf-8', 'underscores', 'dots', 'values'] as const).map((scheme) => [
        scheme,
        escapeName(name, kind, scheme),
      ]),
    );
    assert.deepEqual(escaped, expected);
  });
}
