// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are part of the language
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AgentConfig } from '../../src/config/agent-config.ts';
import { checkConfig } from '../../src/config/check-config.ts';
import { formatErrors } from '../../src/config/format-errors.ts';
import { configFromArguments, type RunArguments } from '../../src/config/from-arguments.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { catalog, loadStage } from './stand-ins.ts';

/** A folder without ready-made pipelines: the stand-ins do not know their stages. */
const NO_PIPELINES = join(import.meta.dirname, '../fixtures');

const GLOB = '/var/log/app/*.log';

function argumentsOf(env: Record<string, string>, more: Partial<RunArguments> = {}): RunArguments {
  return { include: [GLOB], exclude: [], startAt: undefined, state: undefined, ...more, env };
}

async function check(options: RunArguments): Promise<AgentConfig | string> {
  const checked = await checkConfig(configFromArguments(options), {
    ...{ catalog, env: options.env, loadStage },
    pipelinesFolder: NO_PIPELINES,
  });
  return checked.ok ? checked.config : formatErrors(checked.errors, '');
}

/** What the environment makes of the options of the sink, without what is by default. */
async function sinkOf(env: Record<string, string>): Promise<unknown> {
  const config = await check(argumentsOf(env));
  if (typeof config === 'string') return config;
  const { options } = config.sinks[0] as { options: Record<string, unknown> };
  const defaults = await check(argumentsOf({}));
  const usual = (defaults as AgentConfig).sinks[0]?.options as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key])),
  );
}

test('configFromArguments() makes a file source, a pipeline and an otlp sink', async () => {
  const {
    sources,
    pipelines,
    sinks,
    resource,
    resourceLayers: _,
    ...rest
  } = (await check(argumentsOf({}))) as AgentConfig;
  assert.deepEqual(rest, {
    file: 'command line',
    stateFolder: undefined,
    admin: undefined,
    health: undefined,
    terminationMessage: undefined,
    exitWhen: undefined,
    drainTimeoutMs: 25_000,
    lingerMs: 0,
    logLevel: 'info',
    reload: 'auto',
    workers: 1,
  });
  assert.deepEqual(
    sources.map(({ name, definition }) => [name, definition.type]),
    [['files', 'file']],
  );
  assert.deepEqual(pipelines, [
    {
      name: 'logs',
      from: ['files'],
      stages: [{ label: 'auto', when: undefined, onError: 'forward', candidates: [], catalog }],
      to: ['backend'],
      conditions: new Map(),
      deadLetter: undefined,
      isOptIn: false,
      recordUid: false,
    },
  ]);
  assert.deepEqual(
    sinks.map(({ name, definition }) => [name, definition.type]),
    [['backend', 'otlp']],
  );
  assert.equal((sinks[0] as { options: { endpoint?: string } }).options.endpoint, 'http://localhost:4318');
  assert.deepEqual([...resource.attributes], [['service.name', 'unknown_service']]);
});

test('configFromArguments() passes on what the command line says', async () => {
  const given = argumentsOf({}, { include: ['/a', '/b'], exclude: ['/c'], startAt: 'end', state: '/state' });
  const config = (await check(given)) as AgentConfig;
  const { include, exclude, start_at } = (config.sources[0] as { options: Record<string, unknown> }).options;
  assert.deepEqual([include, exclude, start_at], [['/a', '/b'], ['/c'], 'end']);
  assert.equal(config.stateFolder, '/state');
});

const OTLP = 'OTEL_EXPORTER_OTLP_';

for (const { name, env, expected } of [
  { name: 'the base endpoint', env: { ENDPOINT: 'http://c:4318/x/' }, expected: { endpoint: 'http://c:4318/x/' } },
  {
    name: 'the endpoint for logs before the base endpoint',
    env: { ENDPOINT: 'http://c:4318', LOGS_ENDPOINT: 'http://l/in' },
    expected: { logs_endpoint: 'http://l/in' },
  },
  { name: 'the protocol', env: { PROTOCOL: 'http/json' }, expected: { protocol: 'http/json' } },
  {
    name: 'the protocol for logs before the general one, even if that cannot be used',
    env: { PROTOCOL: 'grpc', LOGS_PROTOCOL: 'http/json' },
    expected: { protocol: 'http/json' },
  },
  { name: 'the compression', env: { COMPRESSION: 'none' }, expected: { compression: 'none' } },
  { name: 'the timeout in milliseconds', env: { TIMEOUT: '2500' }, expected: { timeout: 2500 } },
  {
    name: 'headers, decoded',
    env: { HEADERS: 'authorization=Bearer%20a%2Cb, x-scope = 1' },
    expected: { headers: { authorization: 'Bearer a,b', 'x-scope': '1' } },
  },
  {
    name: 'headers for logs in place of the general ones',
    env: { HEADERS: 'a=1,b=2', LOGS_HEADERS: 'a=3' },
    expected: { headers: { a: '3' } },
  },
  {
    name: 'certificates',
    env: { CERTIFICATE: '/ca', CLIENT_CERTIFICATE: '/cert', LOGS_CLIENT_KEY: '/key' },
    expected: { tls: { ca_file: '/ca', cert_file: '/cert', key_file: '/key' } },
  },
  {
    name: 'an empty variable as one that is not set',
    env: { ENDPOINT: '', LOGS_HEADERS: '', TIMEOUT: '' },
    expected: {},
  },
  {
    name: 'a value with "${" as it is',
    env: { HEADERS: 'a=${HOME}' },
    expected: { headers: { a: '${HOME}' } },
  },
])
  test(`configFromArguments() takes ${name}`, async () => {
    const full = Object.fromEntries(Object.entries(env).map(([key, value]) => [OTLP + key, value]));
    const { endpoint, ...options } = (await sinkOf(full)) as Record<string, unknown>;
    assert.deepEqual(endpoint === undefined ? options : { endpoint, ...options }, expected);
  });

for (const { name, env, expected } of [
  {
    name: 'gRPC',
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    expected:
      'OTEL_EXPORTER_OTLP_PROTOCOL: Cannot send OTLP over gRPC (ERR_CONFIG_VALUE)\n' +
      '  hint: Set it to "http/protobuf", and the endpoint to the port for HTTP, which is 4318 by default\n',
  },
  {
    name: 'a compression that the sink does not have',
    env: { OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzap' },
    expected:
      'OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: Cannot use "gzap" for "compression": expected one of gzip, zstd, none (ERR_CONFIG_VALUE)\n' +
      '  hint: Did you mean "gzip"?\n',
  },
  {
    name: 'an endpoint that is no URL',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: '//collector' },
    expected:
      'OTEL_EXPORTER_OTLP_ENDPOINT: Cannot use "//collector" as a URL (ERR_CONFIG_VALUE)\n' +
      '  hint: Write it as in "http://localhost:4318"\n',
  },
  {
    name: 'a timeout with a unit, and headers as HTTP has them, both at once',
    env: { OTEL_EXPORTER_OTLP_TIMEOUT: '10s', OTEL_EXPORTER_OTLP_HEADERS: 'authorization: Bearer secret' },
    expected:
      'OTEL_EXPORTER_OTLP_TIMEOUT: Cannot use "10s" as a timeout: expected a number of milliseconds (ERR_CONFIG_VALUE)\n' +
      '  hint: Ten seconds are written as 10000\n\n' +
      'OTEL_EXPORTER_OTLP_HEADERS: Item 1 of the list has no "=" (ERR_CONFIG_VALUE)\n' +
      '  hint: The form is key1=value1,key2=value2; inside a value "," is written as %2C and "%" as %25\n',
  },
  {
    name: 'a key without its certificate',
    env: { OTEL_EXPORTER_OTLP_CLIENT_KEY: '/tls/tls.key' },
    expected: 'OTEL_EXPORTER_OTLP_CLIENT_KEY: Cannot use "key_file" without "cert_file" (ERR_CONFIG_MISSING)\n',
  },
  {
    name: 'a timeout below the minimum of the sink',
    env: { OTEL_EXPORTER_OTLP_TIMEOUT: '0' },
    expected:
      'OTEL_EXPORTER_OTLP_TIMEOUT: Cannot use "0ms" for "timeout": expected at least 100ms (ERR_CONFIG_VALUE)\n',
  },
])
  test(`configFromArguments() refuses ${name}, by the name of the variable`, async () => {
    assert.equal(await check(argumentsOf(env)), expected);
  });

for (const { name, more, expected } of [
  {
    name: '--include',
    more: { include: ['/a', '/***'] },
    expected: '--include: Cannot use glob "/***" (ERR_CONFIG_GLOB)\n',
  },
  {
    name: '--start-at',
    more: { startAt: 'first' },
    expected: '--start-at: Cannot use "first" for "start_at": expected one of beginning, end (ERR_CONFIG_VALUE)\n',
  },
])
  test(`configFromArguments() names ${name} in its errors`, async () => {
    assert.equal(await check(argumentsOf({}, more)), expected);
  });

test('configFromArguments() leaves the name of the service to the pod, where one is known', async () => {
  const env = { K8S_POD_NAME: 'web-7d4b9c6f5d-x2x9k', OTEL_RESOURCE_ATTRIBUTES: 'team=red' };
  const { resource } = (await check(argumentsOf(env))) as AgentConfig;
  assert.equal(resource.attributes.get('service.name'), 'web');
  assert.equal(resource.attributes.get('team'), 'red');
});

test('toYaml() writes the configuration with the origin of each value, and no secrets', () => {
  const env = {
    OTEL_SERVICE_NAME: 'checkout',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=x,deployment.environment.name=prod',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:password@collector:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret',
    OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
  };
  const given = argumentsOf(env, { include: [GLOB, '/a\u001b[2J${X}'], exclude: ['*.gz'], state: '/state' });
  const expected = `
state: /state # --state
resource:
  service.name: checkout # OTEL_SERVICE_NAME
  deployment.environment.name: prod # OTEL_RESOURCE_ATTRIBUTES
sources:
  files:
    type: file
    include:
      - /var/log/app/*.log # --include
      - "/a\\u001b[2J$\${X}" # --include
    exclude:
      - "*.gz" # --exclude
pipelines:
  logs:
    from:
      - files
    stages:
      - use: auto
    to:
      - backend
sinks:
  backend:
    type: otlp
    endpoint: https://***@collector:4318 # OTEL_EXPORTER_OTLP_ENDPOINT
    timeout: 2500ms # OTEL_EXPORTER_OTLP_TIMEOUT
    headers:
      authorization: "***" # hidden, from OTEL_EXPORTER_OTLP_HEADERS
`;
  assert.equal(`\n${configFromArguments(given).toYaml()}`, expected);
});

test('toYaml() says what is missing in the environment', () => {
  const yaml = configFromArguments(argumentsOf({})).toYaml();
  assert.match(yaml, /service\.name: unknown_service # OTEL_SERVICE_NAME is not set/);
  assert.match(yaml, /endpoint: http:\/\/localhost:4318 # OTEL_EXPORTER_OTLP_ENDPOINT is not set/);
});

test('toYaml() writes a file that means the same, whatever the values are', async () => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      '$',
      '{',
      '}',
      ' ',
      '#',
      ':',
      '"',
      "'",
      '\n',
      '\t',
      '\u001b',
      '😀',
      '-',
      '\u2028',
      '\u{e0001}',
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        text.filter((text) => text !== ''),
        { minLength: 1 },
      ),
      text,
      async (include, attribute) => {
        const env = { OTEL_RESOURCE_ATTRIBUTES: `a=${encodeURIComponent(attribute)}` };
        const given = argumentsOf(env, { include });
        const yaml = configFromArguments(given).toYaml();
        assert.doesNotMatch(yaml.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
        const loaded = await loadConfig({
          ...{ text: yaml, file: 'command line', env: {}, catalog, loadStage },
          pipelinesFolder: NO_PIPELINES,
        });
        assert.ok(loaded.ok, loaded.ok ? '' : formatErrors(loaded.errors, yaml));
        // What the environment said is written in the file.
        const { resourceLayers: _, ...config } = loaded.config;
        const { resourceLayers: __, ...expected } = (await check(given)) as AgentConfig;
        assert.deepEqual(config, expected);
      },
    ),
  );
});
