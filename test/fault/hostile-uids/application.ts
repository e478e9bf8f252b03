/**
 * An application that wants what its agent may read: run as a process of its own, with an account of its own, in the
 * shared volume. Arguments: the volume, the folder outside, the pid of the agent, and how often it swaps.
 *
 * It writes honest lines into `app.log`, plants links, pipes, sockets and names, and swaps files and folders for links
 * while the agent looks at them. Prints, as JSON, the lines that it wrote and the plants that the system allowed.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

const [volume = '', outside = '', agent = '', swaps = '0'] = process.argv.slice(2);
const at = (name: string): string => join(volume, name);
const lines: string[] = [];
const planted: string[] = [];

function write(name: string, mode = 0o644): void {
  const line = `honest ${lines.length}`;
  appendFileSync(at(name), `${line}\n`, { mode });
  lines.push(line);
}

/** What the system refuses is no plant. */
function plant(name: string, action: () => void): void {
  try {
    action();
    planted.push(name);
  } catch {
    // A hard link to a file of somebody else, for one, is refused by most systems.
  }
}

/** Things that are there from the start. */
function plantAll(): void {
  const targets = {
    'token.log': join(outside, 'token'),
    'relative.log': '../outside/token',
    'environ.log': '/proc/self/environ',
    'environ-of-agent.log': `/proc/${agent}/environ`,
    'descriptor.log': `/proc/${agent}/fd/0`,
    'root-of-agent.log': `/proc/${agent}/root${join(outside, 'token')}`,
    'chain.log': 'token.log',
    'shadow.log': '/etc/shadow',
    'app.log.1': join(outside, 'token'),
    'app.log.2.gz': join(outside, 'token.gz'),
    'zero.log': '/dev/zero',
    'terminal.log': '/dev/stdin',
    folder: outside,
    'dots\n.log': join(outside, 'token'),
  };
  for (const [name, target] of Object.entries(targets)) plant(name, () => symlinkSync(target, at(name)));
  plant('hard.log', () => linkSync(join(outside, 'token'), at('hard.log')));
  plant('pipe.log', () => execFileSync('mkfifo', [at('pipe.log')]));
  plant('socket.log', () => createServer().listen(at('socket.log')).unref());
  // Names that speak to a terminal, to a log, and to who joins paths.
  for (const name of [
    '\x1b[2J\x1b]0;owned\x07.log',
    'line\nfeed.log',
    'up%2f..%2f..%2foutside%2ftoken.log',
    '$HOME.log',
    '*.log',
  ]) {
    plant(name, () => write(name));
  }
  plant('bytes', () =>
    writeFileSync(Buffer.concat([Buffer.from(`${volume}/`), Buffer.from([0xff, 0xfe]), Buffer.from('.log')]), ''),
  );
  plant('long', () => write(`${'n'.repeat(251)}.log`));
}

/** Honest file or folder, and then the link, and back: whoever looks first and opens then can be cheated. */
function swap(): void {
  symlinkSync(join(outside, 'token'), at('swapped.next'));
  renameSync(at('swapped.next'), at('swapped.log'));
  writeFileSync(at('swapped.next'), 'honest swap\n');
  renameSync(at('swapped.next'), at('swapped.log'));
  renameSync(at('sub'), at('sub.real'));
  symlinkSync(outside, at('sub'));
  unlinkSync(at('sub'));
  renameSync(at('sub.real'), at('sub'));
}

mkdirSync(at('sub'));
writeFileSync(at('sub/token'), 'honest swap\n');
writeFileSync(at('swapped.log'), 'honest swap\n');
plantAll();
for (let i = 0; i < Number(swaps); i++) {
  swap();
  if (i % 100 === 0) write('app.log');
  if (i % 1000 === 999) {
    // A rotation whose successor is a link at first.
    renameSync(at('app.log'), at(`app.log.${100 + i}`));
    symlinkSync(join(outside, 'token'), at('app.log'));
    await setImmediate();
    rmSync(at('app.log'));
  }
  await setImmediate();
}
write('app.log');
process.stdout.write(JSON.stringify({ lines, planted }));
