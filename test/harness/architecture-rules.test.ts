import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  arrowsRule,
  bannedCommentRule,
  bannedRule,
  cyclesRule,
  docsRule,
  lengthRule,
  mirrorRule,
  modulesRule,
  namesRule,
  pureRule,
  type Rule,
  siblingsRule,
} from './architecture-rules.ts';
import { scanSource } from './source-scan.ts';

const arrows = arrowsRule('arrows', { core: [], codec: ['core'], 'main.ts': ['codec'] });
const siblings = siblingsRule('siblings', ['src/stages']);
const cycles = cyclesRule('cycles');
const modules = modulesRule('modules', { pino: ['src/telemetry/'], 'node:http': ['src/delivery/client.ts'] });
const pure = pureRule('pure', ['src/core/'], ['node:buffer']);
const noExit = bannedRule('exit', /\bprocess\.exit\b/g, { 'src/main.ts': 'its task' });
const noTodo = bannedCommentRule('todo', /\bTODO\b/g);
const short = lengthRule('length', 3);
const names = namesRule('names');
const docs = docsRule('docs');
const mirror = mirrorRule('mirror', [scanSource('src/codec/otlp/a.ts', '')], ['test/e2e/']);

const CASES: { name: string; rule: Rule; files: Record<string, string>; expected: string[] }[] = [
  {
    name: 'arrowsRule() takes an arrow of the table',
    rule: arrows,
    files: { 'src/codec/a.ts': "import '../core/b.ts';", 'src/main.ts': "import './codec/a.ts';" },
    expected: [],
  },
  {
    name: 'arrowsRule() takes an import inside a folder',
    rule: arrows,
    files: { 'src/core/a.ts': "import './b.ts';", 'src/core/deep/c.ts': "import '../a.ts';" },
    expected: [],
  },
  {
    name: 'arrowsRule() finds an arrow that points down, also of types',
    rule: arrows,
    files: { 'src/core/a.ts': "\nimport type { B } from '../codec/b.ts';" },
    expected: ['src/core/a.ts:2 imports src/codec/b.ts; "core" may import nothing'],
  },
  {
    name: 'arrowsRule() finds a dynamic import and a re-export',
    rule: arrows,
    files: { 'src/core/a.ts': "export * from '../codec/b.ts';\nawait import('../main.ts');" },
    expected: [
      'src/core/a.ts:1 imports src/codec/b.ts; "core" may import nothing',
      'src/core/a.ts:2 imports src/main.ts; "core" may import nothing',
    ],
  },
  {
    name: 'arrowsRule() finds an import of a folder that is not in the table',
    rule: arrows,
    files: { 'src/codec/a.ts': "import '../../test/harness/batch.ts';" },
    expected: ['src/codec/a.ts:1 imports test/harness/batch.ts; "codec" may import core'],
  },
  {
    name: 'arrowsRule() finds a folder that the table does not know',
    rule: arrows,
    files: { 'src/utils/a.ts': "import '../core/b.ts';" },
    expected: ['src/utils/a.ts:1 lies in "utils", which the table does not know'],
  },
  {
    name: 'siblingsRule() takes what lies in the common folder',
    rule: siblings,
    files: {
      'src/stages/json/a.ts': "import '../fields.ts';\nimport './b.ts';",
      'src/stages/c.ts': "import './d.ts';",
    },
    expected: [],
  },
  {
    name: 'siblingsRule() finds a component that imports another one',
    rule: siblings,
    files: { 'src/stages/json/a.ts': "import '../timestamp/b.ts';" },
    expected: ['src/stages/json/a.ts:1 imports src/stages/timestamp/b.ts'],
  },
  {
    name: 'cyclesRule() takes two ways to one file',
    rule: cycles,
    files: {
      'src/a.ts': "import './b.ts';\nimport './c.ts';",
      'src/b.ts': "import './d.ts';",
      'src/c.ts': "import './d.ts';",
    },
    expected: [],
  },
  {
    name: 'cyclesRule() finds a cycle of types over three files, once',
    rule: cycles,
    files: {
      'src/a.ts': "import type { B } from './b.ts';",
      'src/b.ts': "import type { C } from './c.ts';",
      'src/c.ts': "import type { B } from './b.ts';",
    },
    expected: ['src/b.ts -> src/c.ts -> src/b.ts'],
  },
  {
    name: 'modulesRule() takes a module in its place, and modules of Node that are free',
    rule: modules,
    files: {
      'src/telemetry/a.ts': "import 'pino';\nimport 'node:path';",
      'src/delivery/client.ts': "import 'node:http';",
    },
    expected: [],
  },
  {
    name: 'modulesRule() finds a module elsewhere, however it is asked for',
    rule: modules,
    files: { 'src/core/a.ts': "import 'pino';", 'src/delivery/b.ts': "process.getBuiltinModule('node:http');" },
    expected: [
      'src/core/a.ts:1 imports pino; it belongs to src/telemetry/',
      'src/delivery/b.ts:1 imports node:http; it belongs to src/delivery/client.ts',
    ],
  },
  {
    name: 'modulesRule() finds a package that the table does not know',
    rule: modules,
    files: { 'src/core/a.ts': "import 'lodash';" },
    expected: ['src/core/a.ts:1 imports lodash, which the table does not know'],
  },
  {
    name: 'pureRule() finds input and output in a folder that computes',
    rule: pure,
    files: { 'src/core/a.ts': "import 'node:buffer';\nimport 'node:fs';", 'src/agent/b.ts': "import 'node:fs';" },
    expected: ['src/core/a.ts:2 imports node:fs'],
  },
  {
    name: 'bannedRule() finds the code, but not the word in comments and strings',
    rule: noExit,
    files: {
      'src/a.ts': "// process.exit\nconst a = 'process.exit';\nprocess.exit(1);",
      'src/main.ts': 'process.exit(1);',
    },
    expected: ['src/a.ts:3 process.exit'],
  },
  {
    name: 'bannedCommentRule() finds the word in comments, but not in code',
    rule: noTodo,
    files: { 'src/a.ts': 'const TODO = 1;\n/**\n * TODO: more\n */\n' },
    expected: ['src/a.ts:3 TODO'],
  },
  {
    name: 'lengthRule() finds a file over the limit',
    rule: short,
    files: { 'src/a.ts': '1\n2\n3\n', 'src/b.ts': '1\n2\n3\n4\n' },
    expected: ['src/b.ts:4 has 4 lines'],
  },
  {
    name: 'namesRule() finds other cases in files and folders',
    rule: names,
    files: { 'src/record-batch.ts': '', 'test/a.test.ts': '', 'src/recordBatch.ts': '', 'src/My_Folder/a.ts': '' },
    expected: ['src/recordBatch.ts:1', 'src/My_Folder/a.ts:1'],
  },
  {
    name: 'docsRule() finds an export without a doc comment',
    rule: docs,
    files: { 'src/a.ts': '/** A. */\nexport const a = 1;\n\nexport function b(): void {}\n' },
    expected: ['src/a.ts:4 exports b without one'],
  },
  {
    name: 'mirrorRule() takes tests beside what they test, tests of what crosses folders, and tests of everything',
    rule: mirror,
    files: {
      'test/codec/otlp/a.test.ts': '',
      'test/codec/b.test.ts': '',
      'test/e2e/c.test.ts': '',
      'test/d.test.ts': '',
    },
    expected: [],
  },
  {
    name: 'mirrorRule() finds tests of a folder that is gone',
    rule: mirror,
    files: { 'test/codec/json/a.test.ts': '', 'test/utils/b.ts': '' },
    expected: ['test/codec/json/a.test.ts:1 has no src/codec/json/', 'test/utils/b.ts:1 has no src/utils/'],
  },
];

describe('each rule fails where it must', () => {
  for (const { name, rule, files, expected } of CASES) {
    test(name, () => {
      const scanned = Object.entries(files).map(([path, text]) => scanSource(path, text));
      assert.deepEqual(rule.broken(scanned), expected);
    });
  }
});
