import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { temporaryFolder, until } from './files.ts';

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

/** One sample of an answer to a query. */
export interface QuerySample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus on a free port, with a database of its own. It is killed after its test. */
export class PrometheusServer {
  /** Of its API: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
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
    const addressOf = (): string | undefined => /"?Listening on"? address=127\.0\.0\.1:(\d+)/.exec(log)?.[1];
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

  /** What an expression is now: an instant vector. */
  async query(expression: string): Promise<QuerySample[]> {
    const { data } = await this.#get('query', { query: expression });
    return (data.result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) => ({
      labels: metric,
      value: value[1] === '+Inf' ? Number.POSITIVE_INFINITY : Number(value[1]),
    }));
  }

  /** The one value that an expression has; NaN: none. */
  async value(expression: string): Promise<number> {
    const samples = await this.query(expression);
    return samples.length === 1 ? samples[0]!.value : Number.NaN;
  }

  /** Waits until an expression has that one value. */
  async waitForValue(expression: string, value: number): Promise<void> {
    let last = Number.NaN;
    const isThere = async (): Promise<boolean> => (last = await this.value(expression)) === value;
    await until(`${expression} is ${value}`, isThere, START_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${last}`);
    });
  }

  /** The answer of an endpoint of its API that starts with `/api/v1/`, such as `metadata`. */
  async api(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return (await this.#get(path, parameters)).data;
  }

  async #get(path: string, parameters: Readonly<Record<string, string>>): Promise<{ data: { result: unknown } }> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    assert.ok(response.ok, `Prometheus answers ${response.status} to ${path}`);
    return (await response.json()) as { data: { result: unknown } };
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
