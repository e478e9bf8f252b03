import assert from 'node:assert/strict';
import { catalog } from '../../src/catalog.ts';
import { checkOptions } from '../../src/component/check-options.ts';
import type { StageContext } from '../../src/component/definition.ts';
import type { Stage } from '../../src/core/contracts.ts';

/** Parsers, and what else reads texts, with options that let them read as much as they can. */
export const PARSERS: Readonly<Record<string, unknown>> = {
  json: {},
  logfmt: { types: true },
  key_value: {},
  csv: { columns: ['a', 'b', 'c'] },
  klog: {},
  clf: {},
  syslog: {},
  pattern: '<a> [<b>] "<c>" <d:int>',
  regex: '^(?<a>\\S+) (?<b>\\d+)? ?(?<c>.*)$',
  grok: '%{COMBINEDAPACHELOG}',
  redact: { patterns: { own: '[a-z]+[0-9]{3,}' } },
};

/** One of them as a stage. */
export function parserStage(type: string, context: StageContext): Stage {
  const definition = catalog.stages.get(type)!;
  const checked = checkOptions(definition.options, PARSERS[type], []);
  assert.ok(checked.ok);
  return definition.build(checked.options, context);
}
