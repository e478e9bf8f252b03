import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { until } from './files.ts';

/** A program that a package of Debian brings, or why it is not there. */
export interface ServerProgram {
  readonly command: string;
  /** For `{ skip }` of a test. */
  readonly skip: string | false;
}

/** Finds a program in the path, and where Debian has those of administrators; `name` may be a pattern. */
export function findProgram(name: string, debianPackage: string): ServerProgram {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'].filter(existsSync);
  for (const folder of folders) {
    const [found] = globSync(name, { cwd: folder }).sort().reverse();
    if (found !== undefined) return { command: join(folder, found), skip: false };
  }
  return { command: name, skip: `${name} (Debian package ${debianPackage}) is not installed` };
}

/** On a machine with much else to do. */
const WAIT_MS = 30_000;

/**
 * Starts a server in the foreground, and resolves once something listens at each of the ports. It is asked to end after
 * the test, and killed if it does not.
 */
export async function startServer(
  t: Cleanup,
  { command }: ServerProgram,
  args: readonly string[],
  ports: readonly number[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly pid: number; stop(): Promise<void> }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let log = '';
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), WAIT_MS);
    await ended;
    clearTimeout(patience);
  };
  t.after(stop);
  for (const port of ports) {
    await until(
      `${command} listens`,
      async () => {
        assert.ok(child.exitCode === null && child.signalCode === null, `${command} did not start:\n${log}`);
        return canConnect(port);
      },
      WAIT_MS,
    );
  }
  return { pid: child.pid ?? 0, stop };
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
