import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Exit } from '../../harness/agent-process.ts';
import { sinkTo } from '../../harness/agent-setting.ts';
import { askHttp } from '../../harness/ask-http.ts';
import { temporaryFolder, until } from '../../harness/files.ts';
import { OtlpBackend } from '../../harness/otlp-backend.ts';
import { application, LINE_WITHOUT_NUMBER } from './application.ts';
import { Container, type ContainerSpec } from './container.ts';
import { Pod, type PodSpec } from './pod.ts';

/** A pod with an application and the agent, what happens to it, and how it must end. */
export interface LifeCase {
  readonly name: string;
  /** The script of the application; see `application()`. */
  readonly app: string;
  /** The shell that runs it, where the name of its process matters. */
  readonly shell?: (run: Run) => string;
  /** The agent is a native sidecar (the usual), or a container beside the application. */
  readonly kind?: 'native' | 'plain';
  /** What differs in the configuration of the agent. */
  readonly config?: (run: Run) => { readonly top?: object; readonly source?: object; readonly sink?: object };
  readonly pod?: Partial<PodSpec>;
  /** It has a liveness probe. */
  readonly isWatched?: boolean;
  /** The preStop hook of the agent is `pillion drain`. */
  readonly hasHook?: boolean;
  /** Other containers, before and after the agent. */
  readonly before?: (run: Run) => PodSpec['init'];
  readonly after?: (run: Run) => PodSpec['init'];
  /** What is done to the pod once it has started; otherwise it is deleted when the first line has arrived. */
  readonly happens?: (run: Run) => Promise<void>;
  /** Which events there must be, in this order. */
  readonly order?: readonly string[];
  /** How the lives of the agent end; otherwise one life with exit code 0. */
  readonly exits?: readonly Exit[];
  /** The same, where the number of lives depends on the time. */
  readonly exitsAre?: (exits: readonly Exit[]) => boolean;
  /** How many lines the application writes, where its files do not tell. */
  readonly written?: number;
  /** Lines that the backend lacks when the pod has ended, and how the last words name them; otherwise none. */
  readonly lacks?: (run: Run) => void | Promise<void>;
  /** How many lines may have come twice; otherwise none. */
  readonly repeats?: number;
  /** Anything else that must hold at the end. */
  readonly holds?: (run: Run) => void | Promise<void>;
}

/** The parts of a case that runs. */
export class Run {
  readonly folder: string;
  readonly logs: string;
  readonly backend: OtlpBackend;
  /** The program of the agent. */
  readonly main: string;
  /** Set before anything happens. */
  pod!: Pod;
  /** How often the liveness probe was asked. */
  probes = 0;
  readonly #written: number | undefined;

  constructor(main: string, folder: string, backend: OtlpBackend, written: number | undefined) {
    this.main = main;
    this.folder = folder;
    this.logs = join(folder, 'logs');
    this.backend = backend;
    this.#written = written;
  }

  /** The numbers of the lines that were written. */
  get written(): number[] {
    if (this.#written !== undefined) return Array.from({ length: this.#written }, (_, i) => i + 1);
    const files = readdirSync(this.logs).map((name) => readFileSync(join(this.logs, name), 'utf8'));
    return files.flatMap((text) => Array.from(text.matchAll(/"line":(\d+)/g), ([, line]) => Number(line)));
  }

  /** Those of them that the backend does not have. */
  get missing(): number[] {
    return this.written.filter((line) => !this.backend.lines.has(line));
  }

  /** The termination message of the agent's last life. */
  get lastWords(): string {
    return readFileSync(join(this.folder, 'last-words'), 'utf8');
  }

  get agentCommand(): string[] {
    return [process.execPath, this.main, 'run', '--config', 'pillion.yaml'];
  }

  /** What the last words say of what is left, in bytes. */
  get toldBytes(): number {
    const [, left = ''] = this.lastWords.split(' Left: ');
    return Array.from(left.matchAll(/([\d,]+) bytes/g)).reduce(
      (sum, [, n = '']) => sum + Number(n.replaceAll(',', '')),
      0,
    );
  }

  /** What the lines take that are missing, in bytes. */
  get missingBytes(): number {
    return this.missing.reduce((sum, line) => sum + LINE_WITHOUT_NUMBER + String(line).length, 0);
  }

  /** Has an agent with the state and the logs of the pod deliver what is left. Resolves with its exit code. */
  async lifeAfter(): Promise<Exit> {
    this.backend.behaviour = 'take';
    const next = new Container({ name: 'next', command: this.agentCommand }, this.folder);
    await this.until(`what was left has arrived\n${next.stderr}`, () => this.missing.length === 0);
    next.signal('SIGTERM');
    return next.ended;
  }

  /** The agent that runs now. */
  get agent(): Container {
    const agent = this.pod.running('agent');
    assert.ok(agent !== undefined, `No agent runs: ${this.pod.events.join(', ')}`);
    return agent;
  }

  /** Makes a file beside the logs, which scripts wait for. */
  touch(name: string): void {
    writeFileSync(join(this.folder, name), '');
  }

  /** Whether that text stands in the checkpoint. */
  checkpointHolds(text: string): boolean {
    const path = join(this.folder, 'state/checkpoint');
    return existsSync(path) && readFileSync(path, 'latin1').includes(text);
  }

  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    return until(what, condition).catch((error: unknown) => {
      const lives = this.pod.lives.map(({ name, stderr }) => `--- ${name}\n${stderr}`).join('\n');
      throw new Error(`${error}; ${this.pod.events.join(', ')}\n${lives}`);
    });
  }

  /** Waits until so many different lines have arrived. */
  arrived(lines: number): Promise<void> {
    return this.until(`${lines} lines have arrived`, () => this.backend.distinct >= lines);
  }

  /** Waits until something has happened so often. */
  happened(event: string, times = 1): Promise<void> {
    return this.until(`"${event}" ${times} times`, () => this.pod.events.filter((e) => e === event).length >= times);
  }
}

/** What answers a probe of the agent, as of a kubelet with `httpGet`. */
export function probe(path: string): (agent: Container) => Promise<boolean> {
  return async (agent) => {
    const port = portOf(agent, 'health');
    if (port === undefined) return false;
    const timeout = AbortSignal.timeout(1000);
    return Promise.race([
      askHttp(port, 'GET', path).then(
        ({ status }) => status === 200,
        () => false,
      ),
      new Promise<boolean>((resolve) => timeout.addEventListener('abort', () => resolve(false))),
    ]);
  };
}

/** The port that the agent says it listens on; a kubelet knows it from the specification. */
export function portOf(agent: Container, address: 'health' | 'admin'): number | undefined {
  const line = agent.log.find(({ msg }) => msg === `The ${address} address answers.`);
  return line === undefined ? undefined : Number(/\d+$/.exec(String(line['address']))?.[0]);
}

/** `pillion drain`, as the preStop hook of the agent runs it. */
async function drainByCommand({ folder, main }: Run, agent: Container): Promise<void> {
  const address = `127.0.0.1:${portOf(agent, 'admin')}`;
  const command = [process.execPath, main, 'drain', '--address', address];
  const hook = new Container({ name: 'hook', command }, folder);
  assert.equal(await hook.ended, 0, hook.stderr);
}

/** Runs a case with the program `main` as the agent, and checks how it ends. */
export async function runCase(t: TestContext, main: string, life: LifeCase): Promise<void> {
  const run = new Run(main, temporaryFolder(t), await OtlpBackend.open(t), life.written);
  mkdirSync(run.logs);
  const { top, source, sink } = life.config?.(run) ?? {};
  const config = {
    state: join(run.folder, 'state'),
    health: { listen: '127.0.0.1:0' },
    admin: { listen: '127.0.0.1:0' },
    termination_message: join(run.folder, 'last-words'),
    sources: { app: { type: 'file', include: [join(run.logs, '*.log')], poll_interval: '20ms', ...source } },
    pipelines: { logs: { from: ['app'], to: ['backend'] } },
    sinks: { backend: sinkTo(run.backend, sink) },
    ...top,
  };
  writeFileSync(join(run.folder, 'pillion.yaml'), JSON.stringify(config));
  const agent: ContainerSpec = {
    name: 'agent',
    command: run.agentCommand,
    startupProbe: probe('/startupz'),
    ...(life.isWatched === true && {
      livenessProbe: (container) => {
        run.probes++;
        return probe('/livez')(container);
      },
    }),
    ...(life.hasHook === true && { preStop: (container) => drainByCommand(run, container) }),
  };
  const app = { name: 'app', command: application(life.app, life.shell?.(run)), env: { LOGS: run.logs } };
  const isNative = life.kind !== 'plain';
  run.pod = new Pod(t, run.folder, {
    init: [
      ...(life.before?.(run) ?? []),
      ...(isNative ? [{ ...agent, isSidecar: true }] : []),
      ...(life.after?.(run) ?? []),
    ],
    containers: isNative ? [app] : [app, agent],
    restartPolicy: 'Never',
    graceMs: 10_000,
    finalGraceMs: 1500,
    backoffMs: 20,
    delaysMs: {},
    ...life.pod,
  });
  await run.pod.start();
  if (life.happens === undefined) {
    await run.arrived(1);
    await run.pod.terminate();
  } else {
    await life.happens(run);
  }
  await run.until('the pod has ended', () => run.pod.hasEnded);
  await checkEnd(run, life);
}

async function checkEnd(
  run: Run,
  { order = [], exits = [0], exitsAre, repeats = 0, lacks, holds }: LifeCase,
): Promise<void> {
  const { events, lives } = run.pod;
  const agents = lives.filter(({ name }) => name === 'agent');
  const told = `${events.join(', ')}\n${agents.map(({ stderr }) => stderr).join('\n---\n')}`;
  const ends = await run.pod.exits('agent');
  if (exitsAre === undefined) assert.deepEqual(ends, exits, told);
  else assert.ok(exitsAre(ends), told);
  let at = 0;
  for (const event of order) {
    const found = events.indexOf(event, at);
    assert.ok(found >= 0, `"${event}" is missing, or out of order: ${told}`);
    at = found + 1;
  }
  if (lacks === undefined) assert.equal(run.missing.join(' '), '', told);
  else await lacks(run);
  assert.deepEqual(run.backend.foreign, []);
  assert.ok(run.backend.repeats <= repeats, `${run.backend.repeats} lines came again: ${told}`);
  await holds?.(run);
}
