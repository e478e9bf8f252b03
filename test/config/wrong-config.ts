import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Catalog } from '../../src/component/catalog.ts';
import { formatErrors } from '../../src/config/format-errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { env, loadStage, catalog as standIns } from './stand-ins.ts';

/** A configuration with errors, and what a person sees of them. */
export interface WrongConfig {
  readonly name: string;
  readonly yaml: string;
  readonly printed: string;
}

const pipelinesFolder = join(import.meta.dirname, '../fixtures/pipelines');

/** Makes a test of each configuration: the whole printed text is compared. */
export function testWrongConfigs(configs: readonly WrongConfig[], catalog: Catalog = standIns): void {
  for (const { name, yaml, printed } of configs) {
    test(`loadConfig() explains ${name}`, async () => {
      const loaded = await loadConfig({ text: yaml, file: 'app.yaml', env, catalog, loadStage, pipelinesFolder });
      assert.equal(loaded.ok ? 'no errors' : formatErrors(loaded.errors, yaml), printed);
    });
  }
}

/** The lines as they are, without their common indentation; only `\${` and the escaped backquote are unescaped. */
export function text({ raw }: TemplateStringsArray, ...values: readonly string[]): string {
  const lines = raw.join('\0').replace(/^\n/, '').replace(/ *$/, '').split('\n');
  const indents = lines.filter((line) => line !== '').map((line) => line.search(/[^ ]/));
  const common = Math.min(...indents);
  const parts = lines
    .map((line) => line.slice(common))
    .join('\n')
    .replace(/\\([`$])/g, '$1')
    .split('\0');
  return parts.map((part, i) => part + (values[i] ?? '')).join('');
}

/** A configuration that is right but for these lines at its top. */
export function withTop(lines: string): string {
  return `${lines}sources: { app: { type: stdin } }\n${REST}`;
}

/** A configuration that is right but for these options of a file source. */
export function withSource(lines: string): string {
  return `sources:\n  app:\n    type: file\n${indented(4, lines)}${REST}`;
}

/** A configuration that is right but for these options of an otlp sink. */
export function withSink(lines: string): string {
  const before = 'sources: { app: { type: stdin } }\npipelines: { logs: { from: [app], to: [out] } }\n';
  return `${before}sinks:\n  out:\n    type: otlp\n${indented(4, lines)}`;
}

/** A configuration that is right but for these stages. */
export function withStages(lines: string): string {
  const before = 'sources: { app: { type: stdin } }\nsinks: { out: { type: console } }\n';
  return `${before}pipelines:\n  logs:\n    from: app\n    to: out\n    stages:\n${indented(6, lines)}`;
}

const REST = 'pipelines: { logs: { from: [app], to: [out] } }\nsinks: { out: { type: console } }\n';

function indented(columns: number, lines: string): string {
  return lines.replace(/^(?=.)/gm, ' '.repeat(columns));
}
