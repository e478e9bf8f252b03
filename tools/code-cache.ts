import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two lines, so that the agent finds out what they are and reads some. */
const LINES = '{"time":"2026-01-02T03:04:05.678Z","level":"info","msg":"ready"}\n'.repeat(2);

/**
 * Writes `agent.cache` into `dist`: what V8 compiles of `agent.js` while an agent starts, delivers and drains. So a start
 * compiles nothing, and what a start does not need is not kept for it.
 */
export async function writeCodeCache(dist: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pillion-cache-'));
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()));
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('Cannot make a code cache: no port');
    writeFileSync(join(folder, 'app.log'), LINES);
    writeFileSync(join(folder, 'pillion.yaml'), configOf(folder, address.port));
    const request = once(server, 'request');
    const agent = spawn(
      process.execPath,
      ['--require', join(import.meta.dirname, 'code-cache-hook.cjs'), join(dist, 'main.js'), 'run'],
      {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: '', PILLION_CODE_CACHE: join(dist, 'agent.cache') },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let said = '';
    agent.stderr.on('data', (chunk) => (said += chunk));
    const exit = once(agent, 'exit');
    await Promise.race([request, exit]);
    agent.kill('SIGTERM');
    const [code] = await exit;
    if (code !== 0) throw new Error(`Cannot make a code cache: the agent ended with ${code}\n${said}`);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(folder: string, port: number): string {
  return `state: ${join(folder, 'state')}
sources: { app: { type: file, include: ["${join(folder, '*.log')}"] } }
pipelines: { logs: { from: [app], stages: [json, timestamp: { field: time }, severity: { field: level }, body: { field: msg }], to: [backend] } }
sinks: { backend: { type: otlp, endpoint: "http://127.0.0.1:${port}", flush_interval: 1ms } }
`;
}
