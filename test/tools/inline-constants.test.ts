import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inlineConstants } from '../../tools/inline-constants.ts';

const KINDS = `export const LIMIT = 4 * 1024; // bytes
export const Kind = {
  /** The first, of two. */
  One: 1,
  Two: 0x02,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
export const OTHER = Buffer.alloc(1);
`;

describe('inlineConstants()', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pillion-constants-'));
    writeFileSync(join(folder, 'kinds.ts'), KINDS);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The code without its source map, in lines. */
  function inlined(text: string): string[] {
    return inlineConstants(join(folder, 'user.ts'), text)
      .replace(/\/\/# sourceMappingURL=.*/, '')
      .split('\n')
      .filter((line) => line !== '');
  }

  for (const { name, text, expected } of [
    {
      name: 'writes a number where it is used, also in others that are made of it',
      text: 'const A = 2;\nconst BOTH = A << 1 | 0xff_00;\nexport const sum = (x: number): number => x + A + BOTH;',
      expected: 'export const sum = (x) => x + 2 + 65284;',
    },
    {
      name: 'takes numbers of other modules, and under another name',
      text: "import { LIMIT, LIMIT as MOST } from './kinds.ts';\nexport const all = [LIMIT, MOST];",
      expected: 'export const all = [4096, 4096];',
    },
    {
      name: 'takes members of an object that holds nothing but numbers',
      text: "import { Kind } from './kinds.ts';\nexport const kinds = (k: Kind) => [Kind.One, k === Kind.Two, Object.keys(Kind)];",
      expected: 'export const kinds = (k) => [1, k === 2, Object.keys(Kind$)];',
    },
    {
      name: 'leaves what has the same name and is something else',
      text: "import { LIMIT } from './kinds.ts';\nexport const of = (o: { LIMIT: number }, f = (LIMIT: number) => LIMIT) => f(o.LIMIT);",
      expected: 'export const of = (o, f = (LIMIT) => LIMIT) => f(o.LIMIT);',
    },
    {
      name: 'names a number where an object has it under its name',
      text: "import { LIMIT } from './kinds.ts';\nexport const o = { LIMIT };",
      expected: 'export const o = { LIMIT: 4096 };',
    },
    {
      name: 'leaves what is no number, or not known before it runs',
      text: "import { OTHER } from './kinds.ts';\nconst NOW = Date.now();\nexport const all = [OTHER, NOW];",
      expected: 'export const all = [OTHER, NOW];',
    },
    {
      name: 'leaves objects that hold more than numbers',
      text: "const Words = { One: 1, Two: 'b' } as const;\nexport const word = Words.One;",
      expected: 'export const word = Words.One;',
    },
  ]) {
    test(name, () => assert.equal(inlined(text).at(-1), expected));
  }

  test('leaves to other modules what a module exports', async () => {
    const file = join(folder, 'kinds.mjs');
    writeFileSync(file, inlineConstants(join(folder, 'kinds.ts'), KINDS));
    const { LIMIT, Kind } = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    assert.deepEqual({ LIMIT, Kind }, { LIMIT: 4096, Kind: { One: 1, Two: 2 } });
  });
});
