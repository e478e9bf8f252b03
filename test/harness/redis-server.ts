import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Cleanup } from './cleanup.ts';
import { temporaryFolder } from './files.ts';
import { freePort } from './free-port.ts';
import { findProgram, startServer } from './server-process.ts';

/** That of Debian's package. */
export const redisProgram = findProgram('redis-server', 'redis-server');

/** Starts a real Redis on a free port, which keeps nothing; its `host:port`. */
export async function startRedis(t: Cleanup, args: readonly string[] = []): Promise<string> {
  const port = await freePort();
  await startRedisAt(t, port, args);
  return `127.0.0.1:${port}`;
}

/** The same on that port; returns what ends it. */
export async function startRedisAt(
  t: Cleanup,
  port: number,
  args: readonly string[] = [],
): Promise<() => Promise<void>> {
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', temporaryFolder(t)];
  const { stop } = await startServer(t, redisProgram, [...own, ...args], [port]);
  return stop;
}

/** What Redis answers to a command, as it comes: with the marks of its protocol. */
export async function commandRedis(address: string, words: readonly string[]): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  socket.setEncoding('utf8');
  socket.write(
    words
      .map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
      .reduce((all, word) => all + word, `*${words.length}\r\n`),
  );
  let answer = '';
  for await (const text of socket) {
    answer += String(text);
    const size = /^\$(\d+)\r\n/.exec(answer);
    const isWhole =
      size === null ? /^[+\-:].*\r\n$|^\$-1\r\n$/.test(answer) : answer.length >= size[0].length + Number(size[1]) + 2;
    if (isWhole) break;
  }
  assert.ok(!answer.startsWith('-'), answer);
  return answer;
}
