import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { text } from '../config/wrong-config.ts';
import { runPillion } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';

const TAB = '\t';

const RIGHT = text`
  sources: { app: { type: file, include: [/var/log/app/*.log] } }
  pipelines: { logs: { from: [app], stages: [json], to: [backend] } }
  sinks: { backend: { type: otlp } }
`;

const limit = { timeout: 30_000 };

/** Configurations that cannot be used, and all that is printed about them. `yaml` is the text of `app.yaml`. */
const WRONG = [
  {
    name: 'an unknown key',
    yaml: text`
      sources: { app: { type: file, inclde: [/var/log/app/*.log] } }
      pipelines: { logs: { from: [app], to: [backend] } }
      sinks: { backend: { type: otlp } }
    `,
    printed: text`
      app.yaml:1:31: Unknown key "inclde" (ERR_CONFIG_KEY)
        1 | sources: { app: { type: file, inclde: [/var/log/app/*.log] } }
          |                               ^
        hint: Did you mean "include"?
    `,
  },
  {
    name: 'a wrong type, a wrong pattern and a missing sink at once',
    yaml: text`
      sources:
        app:
          type: file
          include: ["/var/log/[a"]
      pipelines:
        logs:
          from: [app]
          to: [out]
      sinks:
        backend:
          type: otlp
          max_in_flight: many
    `,
    printed: text`
      app.yaml:4:15: Cannot use pattern "/var/log/[a": a bracket has no counterpart (ERR_CONFIG_GLOB)
        4 |     include: ["/var/log/[a"]
          |               ^

      app.yaml:8:10: No sink is named "out" (ERR_CONFIG_REFERENCE)
        8 |     to: [out]
          |          ^
        hint: Known sinks: backend

      app.yaml:12:20: Cannot use "many" for "max_in_flight": expected a whole number (ERR_CONFIG_TYPE)
        12 |     max_in_flight: many
           |                    ^
    `,
  },
  {
    name: 'a tab as indentation',
    yaml: `sources:\n${TAB}app: { type: stdin }\n`,
    printed: text`
      app.yaml:2:1: Tab used as indentation (ERR_CONFIG_SYNTAX)
        2 | \tapp: { type: stdin }
          | ^
        hint: Indent with spaces: YAML allows no tabs there
    `,
  },
  {
    name: 'an empty file',
    yaml: '',
    printed: text`
      app.yaml:1:1: Configuration is empty (ERR_CONFIG_EMPTY)
        hint: It needs at least "sources", "pipelines" and "sinks"; "pillion run --include <glob>" needs no file
    `,
  },
  {
    name: 'a file that is no text',
    yaml: Buffer.from([0x73, 0xff, 0xfe, 0x00]),
    printed: text`
      app.yaml:1:2: File is not valid UTF-8 (ERR_CONFIG_SYNTAX)
        hint: Save it as UTF-8
    `,
  },
  {
    name: 'a stage that is not there and a variable that is not set',
    yaml: text`
      sources: { app: { type: stdin } }
      pipelines: { logs: { from: [app], stages: [use: ./stages/mask.ts], to: [backend] } }
      sinks: { backend: { type: otlp, endpoint: "\${COLLECTOR}" } }
    `,
    printed: (folder: string) =>
      text`
        app.yaml:2:49: Cannot load stage "${join(folder, 'stages/mask.ts')}": there is no such file (ERR_CONFIG_STAGE)
          2 | pipelines: { logs: { from: [app], stages: [use: ./stages/mask.ts], to: [backend] } }
            |                                                 ^
          hint: Paths are relative to the configuration file

        app.yaml:3:44: Environment variable "COLLECTOR" is not set and has no default (ERR_CONFIG_ENV)
          3 | sinks: { backend: { type: otlp, endpoint: "\${COLLECTOR}" } }
            |                                            ^
          hint: Set it, or give a default, as in "\${COLLECTOR:-default}"
      `,
  },
];

describe('check explains', () => {
  for (const { name, yaml, printed } of WRONG) {
    test(name, limit, async (t) => {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, 'app.yaml'), yaml);
      const stderr = typeof printed === 'string' ? printed : printed(folder);
      const finished = await runPillion(t, ['check', 'app.yaml'], { cwd: folder });
      assert.deepEqual(finished, { exit: 2, stdout: '', stderr });
    });
  }
});

test('run explains what is wrong with its configuration, as check does, and starts nothing', limit, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'app.yaml'), `${RIGHT}state: state\nstat: oops\n`);
  const wrong = text`
    app.yaml:5:1: Unknown key "stat" (ERR_CONFIG_KEY)
      5 | stat: oops
        | ^
      hint: Did you mean "state"?
  `;
  const finished = await runPillion(t, ['run', '--config', 'app.yaml'], { cwd: folder });
  assert.deepEqual(finished, { exit: 2, stdout: '', stderr: wrong });
  assert.deepEqual(readdirSync(folder), ['app.yaml']);
});

describe('check explains that it has no file', () => {
  for (const { name, args, stderr } of [
    {
      name: 'of that name',
      args: ['nowhere.yaml'],
      stderr: 'nowhere.yaml: Cannot find the configuration file (ERR_CONFIG_READ)\n  hint: Check the path\n',
    },
    {
      name: 'but a folder',
      args: ['folder'],
      stderr: 'folder: Cannot read a folder as a configuration (ERR_CONFIG_READ)\n  hint: Name a file in it\n',
    },
    {
      name: 'where it looks by itself',
      args: [],
      stderr:
        'pillion: No configuration: there is no pillion.yaml and no /etc/pillion/pillion.yaml (ERR_USAGE)\n' +
        "  hint: Name a configuration file; `pillion run --include '/path/*.log'` goes without\n",
    },
  ]) {
    test(name, limit, async (t) => {
      const folder = temporaryFolder(t);
      mkdirSync(join(folder, 'folder'));
      assert.deepEqual(await runPillion(t, ['check', ...args], { cwd: folder }), { exit: 2, stdout: '', stderr });
    });
  }
});

describe('check says OK', () => {
  for (const { name, file, args } of [
    { name: 'of the file that is named', file: 'app.yaml', args: ['app.yaml'] },
    { name: 'of the file that it finds', file: 'pillion.yaml', args: [] },
  ]) {
    test(name, limit, async (t) => {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, file), RIGHT);
      const stdout = `${file}: OK (1 source, 1 pipeline, 1 sink)\n`;
      assert.deepEqual(await runPillion(t, ['check', ...args], { cwd: folder }), { exit: 0, stdout, stderr: '' });
    });
  }
});

test('check prints a JSON Schema', limit, async (t) => {
  const { exit, stdout, stderr } = await runPillion(t, ['check', '--json-schema'], { cwd: temporaryFolder(t) });
  assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' });
  const { properties } = JSON.parse(stdout) as { properties: object };
  assert.ok('sources' in properties && 'pipelines' in properties && 'sinks' in properties);
});

describe('check looks at the types of own stages', () => {
  const WITH_STAGE = text`
    sources: { app: { type: stdin } }
    pipelines: { logs: { from: [app], stages: [{ use: ./own.ts }], to: [out] } }
    sinks: { out: { type: console } }
  `;
  const stage = (body: string): string =>
    `import { defineStage } from 'pillion/sdk';\n` +
    `export default defineStage({ type: 'own', summary: '', build: () => (record) => ${body} });\n`;
  const OK = 'app.yaml: OK (1 source, 1 pipeline, 1 sink)\n';

  for (const { name, body, hasCompiler, expected } of [
    {
      name: 'that are right',
      body: "record.set('a', 1)",
      hasCompiler: true,
      expected: { exit: 0, stdout: OK, stderr: '' },
    },
    {
      name: 'that are wrong',
      body: "record.sett('a', 1)",
      hasCompiler: true,
      expected: {
        exit: 2,
        stdout: '',
        stderr:
          "own.ts(2,88): error TS2551: Property 'sett' does not exist on type 'RecordView'. Did you mean 'set'?\n",
      },
    },
    {
      name: 'with no compiler there',
      body: "record.set('a', 1)",
      hasCompiler: false,
      expected: {
        exit: 0,
        stdout: OK,
        stderr: '# types of own.ts not checked: there is no "typescript" installed beside it\n',
      },
    },
  ]) {
    test(name, limit, async (t) => {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, 'app.yaml'), WITH_STAGE);
      writeFileSync(join(folder, 'own.ts'), stage(body));
      const modules = join(import.meta.dirname, '../../node_modules');
      if (hasCompiler) symlinkSync(modules, join(folder, 'node_modules'));
      assert.deepEqual(await runPillion(t, ['check', 'app.yaml'], { cwd: folder }), expected);
    });
  }
});

test('check builds own stages as a start does, and says which one cannot be built', limit, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'app.yaml'),
    text`
      sources: { app: { type: stdin } }
      pipelines:
        logs:
          from: [app]
          stages:
            - json
            - use: ./right.mjs
            - use: ./more.yaml
            - use: ./wrong.mjs
          to: [out]
      sinks: { out: { type: console } }
    `,
  );
  const stage = (build: string): string =>
    `import { defineStage } from 'pillion/sdk';\nexport default defineStage({ type: 'own', summary: '', build: ${build} });\n`;
  writeFileSync(join(folder, 'right.mjs'), stage('() => () => {}'));
  writeFileSync(join(folder, 'wrong.mjs'), stage("() => { throw new Error('no table'); }"));
  writeFileSync(join(folder, 'none.mjs'), stage('() => 5'));
  writeFileSync(join(folder, 'more.yaml'), 'stages: [{ use: ./none.mjs }]\n');
  assert.deepEqual(await runPillion(t, ['check', 'app.yaml'], { cwd: folder }), {
    exit: 2,
    stdout: '',
    stderr: text`
      app.yaml:8:9: Cannot build stage "${folder}/none.mjs": its build() returned no function (ERR_CONFIG_STAGE)
        8 |       - use: ./more.yaml
          |         ^

      app.yaml:9:9: Cannot build stage "${folder}/wrong.mjs": no table (${folder}/wrong.mjs:2) (ERR_CONFIG_STAGE)
        9 |       - use: ./wrong.mjs
          |         ^
    `,
  });
});
