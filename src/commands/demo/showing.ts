import { realpathSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { SystemClock } from '../../core/clock.ts';
import { messageOf, OperatorError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';
import { ROTATION_INTERVAL_MS } from './application.ts';
import type { DemoSettings } from './demo-arguments.ts';
import { DemoChild } from './demo-child.ts';
import type { ApplicationMessage, ApplicationOrder, BackendMessage, BackendOrder } from './messages.ts';
import { type Actor, Narrator } from './narrator.ts';

/** The environment variables that `examples/demo.yaml` names; the application finds its folder by the first one. */
export const DEMO_FOLDER = 'DEMO_FOLDER';
const DEMO_ENDPOINT = 'DEMO_ENDPOINT';

const STATUS_INTERVAL_MS = 1000;

type Application = DemoChild<ApplicationOrder, ApplicationMessage>;
type Backend = DemoChild<BackendOrder, BackendMessage>;
type Agent = DemoChild<never, never>;

/** One showing of the demo: starts the three processes, tells what they do, ends them in order, and compares the sums. */
export class Showing {
  readonly #settings: DemoSettings;
  readonly #context: CommandContext;
  readonly #narrator: Narrator;
  readonly #clock = new SystemClock();
  /** The program that runs: it plays the other parts, too. */
  readonly #program = realpathSync(process.argv[1] ?? '');
  readonly #children: { kill(): Promise<void> }[] = [];
  /** Aborts, with the reason, when a process ended by itself. */
  readonly #failed = new AbortController();
  /** Aborts when the showing must end at once. */
  readonly #end: AbortSignal;

  constructor(settings: DemoSettings, context: CommandContext) {
    this.#settings = settings;
    this.#context = context;
    this.#narrator = new Narrator(context.stdout);
    this.#end = AbortSignal.any([this.#failed.signal, context.stop]);
  }

  /** Resolves with whether the sums agree, when every process has ended and the folder is removed. */
  async run(): Promise<boolean> {
    const folder = await mkdtemp(join(tmpdir(), 'pillion-demo-')).catch((cause) => {
      const message = `Cannot make a folder for the demo: ${messageOf(cause)}`;
      throw new OperatorError({
        code: 'ERR_USAGE',
        message,
        hint: 'Let TMPDIR name a folder that can be written',
        cause,
      });
    });
    const cutShort = new Promise<never>((_, reject) => {
      this.#end.addEventListener('abort', () => reject(this.#end.reason), { once: true });
    });
    try {
      return await Promise.race([this.#show(folder), cutShort]);
    } catch (error) {
      this.#narrator.problem(messageOf(error));
      return false;
    } finally {
      await Promise.all(this.#children.map((child) => child.kill()));
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #show(folder: string): Promise<boolean> {
    const logs = join(folder, 'logs');
    await mkdir(logs);
    const backend: Backend = this.#start('backend', ['demo', '--role', 'backend'], {});
    const { endpoint } = await backend.next('listening');
    const env = { [DEMO_FOLDER]: folder, [DEMO_ENDPOINT]: endpoint };
    const config = relative('', join(import.meta.dirname, '../../../examples/demo.yaml'));
    const agent: Agent = this.#start('agent', ['run', '--config', config], env);
    backend.tell({ kind: 'guard', agentPid: agent.pid, folder });
    await agent.spoken; // from then on it handles SIGTERM
    const rate = String(this.#settings.linesPerSecond);
    const application: Application = this.#start('application', ['demo', '--role', 'application', '--rate', rate], env);

    const { forMs } = this.#settings;
    const rotation = `rotates it every ${ROTATION_INTERVAL_MS / 1000} s`;
    this.#narrator.introduce(
      [
        {
          name: 'application',
          pid: application.pid,
          does: `writes ${rate} lines a second to ${join(logs, 'app.log')}, and ${rotation}`,
        },
        { name: 'agent', pid: agent.pid, does: `pillion run --config ${config}` },
        { name: 'backend', pid: backend.pid, does: `decodes OTLP at ${endpoint}/v1/logs` },
      ],
      forMs === Number.POSITIVE_INFINITY ? 'Ctrl-C ends it.' : `It takes ${forMs / 1000} s; Ctrl-C ends it earlier.`,
    );
    application.onMessage('first_line', ({ text }) => this.#narrator.example('application', 'wrote', text));
    backend.onMessage('sample', ({ text }) => this.#narrator.example('backend', 'got', text));
    await this.#reportUntilOver(application, backend);
    return this.#compare(application, agent, backend);
  }

  /** Prints a status line a second, until the time is over or somebody wants the demo to end. */
  async #reportUntilOver(application: Application, backend: Backend): Promise<void> {
    const over = AbortSignal.any([this.#context.drain, this.#end]);
    const startMs = this.#clock.nowMs();
    for (let atMs = STATUS_INTERVAL_MS; !over.aborted; atMs += STATUS_INTERVAL_MS) {
      const dueMs = Math.min(atMs, this.#settings.forMs);
      await this.#clock.sleep(startMs + dueMs - this.#clock.nowMs(), over);
      if (over.aborted || dueMs === this.#settings.forMs) return;
      backend.tell({ kind: 'report' });
      const { received } = await backend.next('report');
      application.tell({ kind: 'report' });
      const { written } = await application.next('report');
      this.#narrator.status(atMs, written, received);
    }
  }

  /** Ends the application, then lets the agent drain, and compares what was written with what has arrived. */
  async #compare(application: Application, agent: Agent, backend: Backend): Promise<boolean> {
    application.tell({ kind: 'stop' });
    const { written } = await application.next('stopped');
    // Its process ends some time later, which may be before the agent has delivered all.
    application.release();
    this.#narrator.say('\nThe application has stopped. SIGTERM asks the agent to read to the end, deliver, and exit.');
    const how = await agent.terminate();
    backend.tell({ kind: 'report' });
    const { received } = await backend.next('report');
    const agree = this.#narrator.sums(written, received, lastMessage(agent.lastWords));
    if (how === 'exit code 0') return agree;
    this.#narrator.problem(`The agent ended with ${how}. It said:\n${agent.lastWords}`);
    return false;
  }

  /** Starts a process of the demo; when it ends by itself, the showing ends. */
  #start<Order extends object, Message extends { kind: string }>(
    name: Actor['name'],
    args: readonly string[],
    env: Record<string, string>,
  ): DemoChild<Order, Message> {
    this.#end.throwIfAborted(); // nobody would end it any more
    const child = new DemoChild<Order, Message>([this.#program, ...args], {
      hasChannel: name !== 'agent',
      env: { ...this.#context.env, ...env },
    });
    this.#children.push(child);
    child.watch((how) => {
      const said = child.lastWords === '' ? 'It said nothing' : `It said:\n${child.lastWords}`;
      this.#failed.abort(new Error(`The ${name} has ended by itself, with ${how}. ${said}`));
    });
    return child;
  }
}

/** The message of the last line of an agent's log: its own sums. The line itself when it is no line of that log. */
function lastMessage(log: string): string {
  const line = log.slice(log.lastIndexOf('\n') + 1);
  try {
    return String((JSON.parse(line) as { msg: unknown }).msg);
  } catch {
    return line;
  }
}
