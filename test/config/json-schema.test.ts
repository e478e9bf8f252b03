// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are part of the language
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { isValid } from './json-schema-check.ts';
import { catalog } from './stand-ins.ts';
import { withSink, withSource, withStages, withTop } from './wrong-config.ts';

for (const { name, yaml, valid } of [
  { name: 'takes all that has defaults as missing', yaml: withTop(''), valid: true },
  { name: 'takes the keys of the top', yaml: withTop('state: /a\ndrain_timeout: 5s\nlog_level: warn\n'), valid: true },
  { name: 'refuses unknown keys', yaml: withTop('stat: /a\n'), valid: false },
  { name: 'refuses missing sections', yaml: 'sources: { app: { type: stdin } }', valid: false },
  {
    name: 'refuses sections that hold nothing',
    yaml: withTop('').replace('{ app: { type: stdin } }', '{}'),
    valid: false,
  },
  { name: 'takes attributes of three types', yaml: withTop('resource: { a: x, b: 1.5, c: true }\n'), valid: true },
  { name: 'refuses attributes that are maps', yaml: withTop('resource: { a: { b: c } }\n'), valid: false },
  { name: 'takes a list of texts', yaml: withSource('include: [/a, /b]\n'), valid: true },
  { name: 'takes a text for a list of one', yaml: withSource('include: /a\n'), valid: true },
  { name: 'refuses an empty list', yaml: withSource('include: []\n'), valid: false },
  { name: 'refuses a missing option', yaml: withSource('start_at: end\n'), valid: false },
  { name: 'refuses a word that is none', yaml: withSource('include: /a\nstart_at: first\n'), valid: false },
  { name: 'takes a size', yaml: withSource('include: /a\nmax_record_size: 1MiB\n'), valid: true },
  { name: 'refuses a size without a unit', yaml: withSource('include: /a\nmax_record_size: 5\n'), valid: false },
  { name: 'refuses an unknown type', yaml: withTop('').replace('stdin', 'stdn'), valid: false },
  { name: 'takes options inside options', yaml: withSink('tls: { ca_file: /a }\nheaders: { a: b }\n'), valid: true },
  { name: 'refuses unknown options inside options', yaml: withSink('tls: { ca: /a }\n'), valid: false },
  { name: 'refuses a number out of range', yaml: withSink('max_in_flight: 0\n'), valid: false },
  {
    name: 'takes variables for text, numbers, durations and words',
    yaml: withSink('endpoint: ${A}\nmax_in_flight: ${B}\ntimeout: ${C:-5s}\ncompression: ${D}\n'),
    valid: true,
  },
  {
    name: 'takes stages in each of their forms',
    yaml: withStages(
      '- json\n- json:\n- json: {}\n- timestamp: { field: a }\n- remove: a\n- remove: [a]\n- use: ./a.ts\n- { use: ./a.ts, options: { b: 1 } }\n',
    ),
    valid: true,
  },
  {
    name: 'takes a condition beside a stage',
    yaml: withStages('- json:\n  if: severity > INFO\n  on_error: drop\n- use: ./a.ts\n  if: "true"\n'),
    valid: true,
  },
  { name: 'refuses an unknown key beside a stage', yaml: withStages('- json:\n  on_eror: drop\n'), valid: false },
  { name: 'refuses a stage without the options that it needs', yaml: withStages('- timestamp\n'), valid: false },
  { name: 'refuses an unknown stage', yaml: withStages('- grok\n'), valid: false },
  { name: 'refuses a stage of two keys', yaml: withStages('- timestamp:\n  field: a\n'), valid: false },
])
  test(`configJsonSchema() ${name}`, async () => {
    assert.equal(isValid(await configJsonSchema(catalog), parse(yaml)), valid);
  });

test('configJsonSchema() says what each key means, and its default', async () => {
  const { properties, title } = await configJsonSchema(catalog);
  assert.equal(title, 'Pillion configuration');
  const { description, default: fallback } = Object(properties?.['drain_timeout']);
  assert.match(description, /^How long the agent may read and send/);
  assert.equal(fallback, '25s');
  const file = Object(properties?.['sources']).additionalProperties.anyOf[0];
  assert.equal(file.description, 'Follows files.');
  const { include, exclude } = file.properties;
  assert.equal(include.description, 'Globs of the files to follow. Example: [/var/log/app/*.log]');
  assert.deepEqual(exclude.default, []);
});

test('loadConfig() is there without the converter of JSON Schema', () => {
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(specifier, context, next) {
      if (specifier === '@valibot/to-json-schema') throw new Error('The converter is loaded');
      return next(specifier, context);
    } });
    await import(${JSON.stringify(new URL('../../src/config/load-config.ts', import.meta.url).href)});
    await import(${JSON.stringify(new URL('../../src/config/json-schema.ts', import.meta.url).href)});
  `;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd, stdio: 'pipe' });
});
