import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { temporaryFolder, until } from './files.ts';
import { PrometheusApi } from './prometheus-api.ts';

/** A Prometheus that this machine has, or why it has none. */
export interface PrometheusBinary {
  readonly command: string;
  /** For `{ skip }` of a test. */
  readonly skip: string | false;
}

/** That of Debian's package, whatever its version. */
export const debianPrometheus: PrometheusBinary = {
  command: 'prometheus',
  skip: runs('prometheus') ? false : 'prometheus (Debian package prometheus) is not installed',
};

const cached = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pillion/bin/prometheus');

/** A current one, which `.ci/run` builds once and keeps in the user's cache. */
export const currentPrometheus: PrometheusBinary = {
  command: cached,
  skip: existsSync(cached) ? false : 'platform: no current Prometheus in the cache, and it takes Go to build one',
};

/** On a machine with much else to do. */
const START_MS = 60_000;

export interface PrometheusOptions {
  /** `scrape_configs` and the rest of its configuration, beside the interval of half a second. */
  readonly config?: string;
  /** Such as `--web.enable-remote-write-receiver`. */
  readonly flags?: readonly string[];
}

/** A real Prometheus on a free port, with a database of its own. It is killed after its test. */
export class PrometheusServer extends PrometheusApi {
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    super(url);
    this.#child = child;
  }

  /** Starts it, and resolves when it is ready. */
  static async start(t: Cleanup, { command }: PrometheusBinary, options: PrometheusOptions): Promise<PrometheusServer> {
    const folder = temporaryFolder(t);
    const configPath = join(folder, 'prometheus.yml');
    writeFileSync(configPath, `global: { scrape_interval: 500ms, scrape_timeout: 500ms }\n${options.config ?? ''}\n`);
    const child = spawn(
      command,
      [
        `--config.file=${configPath}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
        ...(options.flags ?? []),
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
    const addressOf = (): string | undefined =>
      /Listening on"(?: component=web)? address=127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    await until('Prometheus listens', () => addressOf() !== undefined || child.exitCode !== null, START_MS);
    const port = addressOf();
    assert.ok(port !== undefined, `Prometheus did not start:\n${log}`);
    const server = new PrometheusServer(`http://127.0.0.1:${port}`, child);
    await until('Prometheus is ready', async () => (await fetch(`${server.url}/-/ready`)).ok, START_MS);
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
}

function runs(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
