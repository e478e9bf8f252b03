import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { temporaryFolder, until } from './files.ts';
import { freePort } from './free-port.ts';
import { PrometheusApi } from './prometheus-api.ts';

const command = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pillion/bin/victoria-metrics');

/** For `{ skip }` of a test: why there is no VictoriaMetrics, which `.ci/run` builds once and keeps in the user's cache. */
export const withoutVictoriaMetrics: string | false = existsSync(command)
  ? false
  : 'platform: no VictoriaMetrics in the cache, and it takes Go to build one';

const START_MS = 60_000;

/** Starts a real VictoriaMetrics on a free port; it is killed after its test. */
export async function startVictoriaMetrics(t: Cleanup): Promise<PrometheusApi> {
  const port = await freePort();
  const child = spawn(
    command,
    [
      `-storageDataPath=${temporaryFolder(t)}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      // What was written just now is to be seen at once.
      '-search.latencyOffset=0s',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'close');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<boolean> => {
    assert.equal(child.exitCode, null, `VictoriaMetrics did not start:\n${log}`);
    return fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await until('VictoriaMetrics is ready', isReady, START_MS);
  return new PrometheusApi(url);
}
