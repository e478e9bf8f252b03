import type { FileHandle } from 'node:fs/promises';
import { readdir, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { messageOf, OperatorError } from '../core/errors.ts';

const NAME = /^agent-[0-9a-f]{8}\.lock$/;
/** The longest path a unix socket takes on Linux is 107 bytes, elsewhere 103. */
const MAX_SOCKET_PATH_BYTES = 100;
const ANSWER_TIMEOUT_MS = 300;
const MAX_ANSWER_BYTES = 256;
const MAX_TRIES = 5;

/** Errors of a file system on which there are no sockets, or no room for one: no reason not to start. */
const NO_SOCKETS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'ENOSPC', 'EDQUOT']);

/** What another agent says of itself. */
interface Fellow {
  readonly isHolder: boolean;
  /** Such as `pid 12 on web-1`. */
  readonly name: string;
}

/**
 * The claim of one agent on a state folder: a listening socket in it. A connection is refused as soon as the process is
 * gone, however it went; so nobody is mistaken for a dead agent that had the same pid, and nothing waits for a time-out.
 *
 * Every agent listens under a name of its own first and looks for others then. Of two that start together at least one
 * sees the other and steps back, so both can never hold the folder; and since no name is used twice, a dead socket can
 * be removed without fear that it is somebody's new one.
 */
export class StateLock {
  readonly #server: Server | undefined;

  private constructor(server: Server | undefined) {
    this.#server = server;
  }

  /**
   * Takes the folder, which `handle` has open. Throws an OperatorError ERR_STATE_LOCKED that names the holder when
   * there is one. On a file system without sockets nothing is locked, and a warning says so.
   */
  static async acquire(
    folder: string,
    handle: FileHandle,
    clock: Clock,
    log: { warn(fields: object, message: string): void },
  ): Promise<StateLock> {
    for (let tries = 1; ; tries++) {
      const own = new OwnSocket(addressOf(folder, handle));
      try {
        await own.listen();
      } catch (error) {
        if (!NO_SOCKETS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
        const fields = { folder, error: messageOf(error) };
        log.warn(fields, 'The state folder cannot be locked on this file system: give it to one agent only.');
        return new StateLock(undefined);
      }
      const fellow = await findFellow(folder, handle, own.name, clock);
      if (fellow === undefined) {
        own.isHolder = true;
        return new StateLock(own.server);
      }
      await closeServer(own.server);
      if (fellow.isHolder || tries === MAX_TRIES) throw lockedError(folder, fellow);
      // Both were starting and both step back; they will hardly come again at the same time.
      await clock.sleep(20 + 80 * Math.random());
    }
  }

  /** Lets the folder go. */
  async release(): Promise<void> {
    if (this.#server !== undefined) await closeServer(this.#server);
  }
}

/** A socket that tells everybody who connects whose it is. */
class OwnSocket {
  readonly name = `agent-${Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}.lock`;
  readonly server: Server;
  readonly #address: (name: string) => string;
  isHolder = false;

  constructor(address: (name: string) => string) {
    this.#address = address;
    this.server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(`${this.isHolder ? 'holds' : 'starts'} pid ${process.pid} on ${hostname()}`);
    });
    this.server.unref();
  }

  listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject);
    this.server.listen(this.#address(this.name), resolve);
    return promise;
  }
}

/** An agent that lives and has, or wants, the folder. Sockets of dead ones are removed. */
async function findFellow(
  folder: string,
  handle: FileHandle,
  ownName: string,
  clock: Clock,
): Promise<Fellow | undefined> {
  const address = addressOf(folder, handle);
  for (const name of await readdir(folder)) {
    if (!NAME.test(name) || name === ownName) continue;
    const fellow = await ask(address(name), clock);
    if (fellow !== undefined) return fellow;
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}

/** Connects to a socket and lets it say whose it is; undefined: nobody listens any more. */
async function ask(address: string, clock: Clock): Promise<Fellow | undefined> {
  const { promise, resolve } = Promise.withResolvers<Fellow | undefined>();
  const timeout = new AbortController();
  let answer = '';
  let isAlive = true;
  const socket = createConnection(address);
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    answer += text;
    if (answer.length > MAX_ANSWER_BYTES) socket.destroy();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // Whatever else goes wrong, such as a permission, is no proof that nobody is there.
    isAlive = error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT';
  });
  socket.on('close', () => {
    const [state, ...name] = answer.slice(0, MAX_ANSWER_BYTES).split(' ');
    const fellow = { isHolder: state !== 'starts', name: name.join(' ') || 'one that does not answer' };
    resolve(isAlive ? fellow : undefined);
    timeout.abort();
  });
  void clock.sleep(ANSWER_TIMEOUT_MS, timeout.signal).then(() => socket.destroy());
  return promise;
}

function lockedError(folder: string, fellow: Fellow): OperatorError {
  return new OperatorError({
    code: 'ERR_STATE_LOCKED',
    message: `Cannot use state folder ${JSON.stringify(folder)}: another agent has it (${fellow.name})`,
    hint: 'Stop that agent, or give this one a state folder of its own',
  });
}

/** How the socket `name` in the folder is addressed: the path of a deep folder is too long for a socket. */
function addressOf(folder: string, handle: FileHandle): (name: string) => string {
  return (name) => {
    const path = join(folder, name);
    if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES || process.platform !== 'linux') return path;
    return `/proc/self/fd/${handle.fd}/${name}`;
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
