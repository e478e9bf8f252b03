import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatErrors } from '../../src/config/format-errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { catalog, loadStage } from './stand-ins.ts';
import { withTop } from './wrong-config.ts';

for (const { name, resource, env, expected, warning = '' } of [
  { name: 'falls back to unknown_service', resource: '{}', env: {}, expected: { 'service.name': 'unknown_service' } },
  {
    name: 'takes OTEL_SERVICE_NAME',
    resource: '{}',
    env: { OTEL_SERVICE_NAME: 'shop' },
    expected: { 'service.name': 'shop' },
  },
  {
    name: 'takes OTEL_RESOURCE_ATTRIBUTES, decoded, as texts',
    resource: '{}',
    env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,replicas=3,a=b%2Cc' },
    expected: { 'service.name': 'shop', replicas: '3', a: 'b,c' },
  },
  {
    name: 'lets OTEL_SERVICE_NAME win over OTEL_RESOURCE_ATTRIBUTES',
    resource: '{}',
    env: { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,a=1' },
    expected: { 'service.name': 'shop', a: '1' },
  },
  {
    name: 'counts an empty OTEL_SERVICE_NAME as not set',
    resource: '{}',
    env: { OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' },
    expected: { 'service.name': 'other' },
  },
  {
    name: 'lets the configuration win over both',
    resource: '{ service.name: checkout, a: 2 }',
    env: { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=1' },
    expected: { 'service.name': 'checkout', a: 2, b: '1' },
  },
  {
    name: 'leaves out an OTEL_RESOURCE_ATTRIBUTES that cannot be read, and says so',
    resource: '{}',
    env: { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'a=1,b' },
    expected: { 'service.name': 'shop' },
    warning:
      'OTEL_RESOURCE_ATTRIBUTES: Item 2 of the list has no "="; the variable is left out (ERR_CONFIG_VALUE)\n' +
      '  hint: The form is key1=value1,key2=value2; inside a value "," is written as %2C and "%" as %25\n',
  },
] as { name: string; resource: string; env: Record<string, string>; expected: unknown; warning?: string }[])
  test(`resolveResource() ${name}`, async () => {
    const text = withTop(`resource: ${resource}\n`);
    const loaded = await loadConfig({ text, file: 'app.yaml', env, catalog, loadStage });
    assert.ok(loaded.ok);
    assert.deepEqual(Object.fromEntries(loaded.config.resource.attributes), expected);
    assert.equal(formatErrors(loaded.warnings, text), warning);
  });
