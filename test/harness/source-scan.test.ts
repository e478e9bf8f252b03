import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scanSource } from './source-scan.ts';

describe('scanSource() finds imports', () => {
  for (const { name, text, expected } of [
    { name: 'of names', text: `import { a, b as c } from './x.ts';`, expected: ['./x.ts'] },
    { name: 'of types', text: `import type { A } from './x.ts';`, expected: ['./x.ts'] },
    { name: 'over several lines', text: `import {\n  a,\n  type B,\n} from './x.ts';`, expected: ['./x.ts'] },
    { name: 'of everything', text: `import * as v from "valibot";`, expected: ['valibot'] },
    { name: 'of a default beside names', text: `import a, { b } from 'x';`, expected: ['x'] },
    { name: 'for the effect', text: `import './x.ts';`, expected: ['./x.ts'] },
    { name: 'at run time', text: `const a = await import('./x.ts');`, expected: ['./x.ts'] },
    { name: 'computed', text: `await import(url.href);`, expected: ['<expression>'] },
    { name: 'in a type', text: `type Http = typeof import('node:http');`, expected: ['node:http'] },
    { name: 'of built-in modules at run time', text: `process.getBuiltinModule('node:net')`, expected: ['node:net'] },
    { name: 'by require', text: `const a = require('x');`, expected: ['x'] },
    {
      name: 'as re-exports',
      text: `export { a } from './x.ts';\nexport * from './y.ts';`,
      expected: ['./x.ts', './y.ts'],
    },
    { name: 'as re-exported types', text: `export type { A } from './x.ts';`, expected: ['./x.ts'] },
    { name: 'not in comments', text: `// import a from './x.ts';\n/* import './y.ts'; */`, expected: [] },
    { name: 'not in strings', text: `const a = "import './x.ts'"; const b = \`import './y.ts'\`;`, expected: [] },
    { name: 'not of an exported text', text: `export const from = 'x';\nexport default 'y';`, expected: [] },
    { name: 'not import.meta', text: `import.meta.dirname + 'x'`, expected: [] },
    { name: 'behind an exported block', text: `export interface A {}\nimport b from './y.ts';`, expected: ['./y.ts'] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is the source of a template
    { name: 'inside a template', text: 'const a = `${await import("./x.ts")} ${`"`}`;', expected: ['./x.ts'] },
    {
      name: 'behind a pattern with quotes',
      text: `const a = /['"\`/]/;\nimport b from './y.ts';`,
      expected: ['./y.ts'],
    },
    { name: 'behind a class of slashes', text: `f(/[/'"]/, 'a');\nimport b from './y.ts';`, expected: ['./y.ts'] },
    {
      name: 'behind a division',
      text: `const a = b / 2; const c = 'x/';\nimport d from './y.ts';`,
      expected: ['./y.ts'],
    },
    { name: 'behind an escaped quote', text: `const a = 'it\\'s';\nimport d from './y.ts';`, expected: ['./y.ts'] },
    {
      name: 'behind a block in a template',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is the source of a template
      text: 'const a = `${{ b: `}` }.b}`;\nimport "./y.ts";',
      expected: ['./y.ts'],
    },
  ]) {
    test(name, () => {
      assert.deepEqual(
        scanSource('a.ts', text).imports.map(({ specifier }) => specifier),
        expected,
      );
    });
  }

  test('with their lines', () => {
    const { imports } = scanSource('a.ts', `/** A\n * b */\nimport {\n  a,\n} from './x.ts';\nimport './y.ts';\n`);
    assert.deepEqual(
      imports.map(({ line }) => line),
      [5, 6],
    );
  });
});

describe('scanSource() finds exports', () => {
  for (const { name, text, expected } of [
    { name: 'with a doc comment', text: '/** A. */\nexport const a = 1;', expected: { a: true } },
    { name: 'without one', text: 'export function a(): void {}', expected: { a: false } },
    { name: 'behind another comment', text: '// A.\nexport class A {}', expected: { A: false } },
    { name: 'behind a comment that is no doc', text: '/* A. */\nexport type A = 1;', expected: { A: false } },
    {
      name: 'with the doc of the one before',
      text: '/** A. */\nconst b = 1;\nexport const a = b;',
      expected: { a: false },
    },
    {
      name: 'that share a name and a comment',
      text: '/** A. */\nexport const A = {};\n\nexport type A = keyof typeof A;',
      expected: { A: true },
    },
    {
      name: 'of async and abstract ones',
      text: 'export async function* a() {}\nexport abstract class B {}',
      expected: { a: false, B: false },
    },
    {
      name: 'with a comment in their line',
      text: 'export const A = 1; // first\n\nexport const B = 1;',
      expected: { A: true, B: false },
    },
    {
      name: 'that share the comment of a group',
      text: '/** A, b. */\nexport const A = 1;\nexport const B = 2;\n\nexport const C = 3;',
      expected: { A: true, B: true, C: false },
    },
    { name: 'of options', text: 'export interface AOptions {\n  readonly b: string;\n}', expected: { AOptions: true } },
    { name: 'not in comments', text: '/*\nexport const a = 1;\n*/', expected: {} },
    { name: 'not re-exports', text: "export { a } from './x.ts';", expected: {} },
  ]) {
    test(name, () => {
      const found = scanSource('a.ts', text).exports.map(({ name, hasDoc }) => [name, hasDoc]);
      assert.deepEqual(Object.fromEntries(found), expected);
    });
  }
});

test('scanSource() parts code and comments, and keeps lines and columns', () => {
  const { code, comments, lineCount } = scanSource('a.ts', "const a = 'b'; // c\n/* d\n */ e(/f/);\n");
  assert.equal(code, "const a = ' ';     \n    \n    e(/ /);\n");
  assert.equal(comments, '               // c\n/* d\n */        \n');
  assert.equal(lineCount, 3);
});
