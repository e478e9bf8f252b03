#!/usr/bin/env node
/**
 * How the bundled program starts: `agent.js`, which is `main.ts` with all that it imports, is run with the code that V8
 * compiled of it at build time (`agent.cache`). That saves 60 ms of CPU and 3 MB at each start. Without it, and where
 * another version of V8 made it, `agent.js` is compiled as it is.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { setEngineFlags } from './engine.ts';

/**
 * A CommonJS module, as Node would wrap it, and with `import()` for what users name: in a script, that is experimental.
 */
type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  filename: string,
  dirname: string,
  importModule: (url: string) => Promise<unknown>,
) => void;

/** Both lie in `dist/`, beside this program. */
const file = join(__dirname, 'agent.js');
const cacheFile = join(__dirname, 'agent.cache');

/** The function that the text of `agent.js` is. Nothing that it was made from is kept. */
function compile(): Wrapped {
  // Plain ASCII, by the bundler: a byte a character, in memory, too.
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    cachedData: readCache(),
  });
  return script.runInThisContext();
}

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cacheFile);
  } catch {
    return undefined;
  }
}

/** The oldest Node that has what the agent is made of, as `engines` in package.json has it. */
const OLDEST_NODE = { major: 24, minor: 5 };

/** Whether this Node would fail somewhere in the middle, with an error that names something else. */
function isTooOld(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE.major || (major === OLDEST_NODE.major && minor < OLDEST_NODE.minor);
}

function run(): void {
  setEngineFlags();
  const module = { exports: {} };
  compile()(module.exports, createRequire(file), module, file, __dirname, (url) => import(url));
}

if (isTooOld()) {
  const { major, minor } = OLDEST_NODE;
  process.stderr.write(
    `pillion: Cannot run with Node ${process.versions.node}: Node ${major}.${minor} or newer is needed (ERR_USAGE)\n` +
      '  hint: `npm ci` in a clone brings one: node_modules/.bin/node dist/main.js\n',
  );
  process.exitCode = 2;
} else {
  run();
}
