import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { catalog } from '../src/catalog.ts';

/** The kinds of components, as `catalog.ts` lists them. */
const KINDS = ['sources', 'stages', 'sinks'] as const;

/**
 * Makes the catalog of the bundle one that evaluates the module of a component when somebody asks for that: most
 * configurations name a few of them, and each costs memory and time at a start. What `catalog.ts` imports is in the
 * bundle all the same.
 */
export const lazyCatalog: Plugin = {
  name: 'lazy-catalog',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]src[\\/]catalog\.ts$/ }, async ({ path }) => ({
      contents: await textOf(path),
      loader: 'ts',
      resolveDir: dirname(path),
    }));
  },
};

async function textOf(path: string): Promise<string> {
  const types = new Map<unknown, string>();
  const homes = new Map<unknown, string>();
  for (const kind of KINDS) for (const [type, definition] of catalog[kind]) types.set(definition, type);
  for (const [, name = '', file = ''] of readFileSync(path, 'utf8').matchAll(/^import \{ (\w+) \} from '(.+)';$/gm)) {
    const module = (await import(join(dirname(path), file))) as Readonly<Record<string, unknown>>;
    homes.set(module[name], `require(${JSON.stringify(file)}).${name}`);
  }
  const kinds = KINDS.map((kind) => {
    const entries = [...catalog[kind]].map(([type, definition]) => {
      const home = homes.get(definition);
      if (home === undefined) throw new Error(`Cannot find the import of "${type}" in ${basename(path)}`);
      return `${JSON.stringify(type)}: () => ${home}`;
    });
    return `${kind}: { ${entries.join(', ')} }`;
  });
  return `import { createLazyCatalog } from './component/lazy-catalog.ts';
export const catalog = createLazyCatalog({ ${kinds.join(', ')} });`;
}
