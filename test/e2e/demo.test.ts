import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A demo that runs, and what it has said so far. */
class RunningDemo {
  readonly process: ChildProcess;
  said = '';
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<unknown>;

  constructor(args: readonly string[]) {
    const { FORCE_COLOR, ...env } = process.env;
    this.process = spawn(process.execPath, [MAIN, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
    for (const output of [this.process.stdout, this.process.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    }
    this.ended = once(this.process, 'close').then(([code, signal]) => code ?? signal);
  }

  /** Waits until the demo has said what `pattern` matches. */
  async saying(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.said);
      if (match !== null) return match;
      if ((this.process.exitCode ?? this.process.signalCode) !== null)
        assert.fail(`The demo has ended without saying ${pattern}:\n${this.said}`);
      await wait(20);
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(20);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What a finished demo said of its sums. */
function sumsOf(said: string): { written: number; delivered: number; repeated: number; foreign: number } {
  const [, written] = /application +wrote ([\d,]+) lines to \d+ file/.exec(said) ?? [];
  const [, delivered, repeated, foreign] =
    /backend +got ([\d,]+) of the lines in [\d,]+ requests, ([\d,]+) of them again, and ([\d,]+) other/.exec(said) ??
    [];
  const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
  return {
    written: number(written),
    delivered: number(delivered),
    repeated: number(repeated),
    foreign: number(foreign),
  };
}

const limit = { timeout: 60_000 };

test('demo delivers every line of a rotated log once, and says so', limit, async () => {
  const demo = new RunningDemo(['--rate', '500']);
  await demo.saying(/rotated 1 ×/);
  demo.process.kill('SIGINT');
  assert.equal(await demo.ended, 0, demo.said);
  const { written, delivered, repeated, foreign } = sumsOf(demo.said);
  assert.ok(written > 500, demo.said);
  assert.deepEqual({ delivered, repeated, foreign }, { delivered: written, repeated: 0, foreign: 0 });
  assert.match(demo.said, /The sums agree/);
  assert.match(demo.said, /to [2-9] files/);
  assert.match(demo.said, /backend +got +\S+Z, (?:DEBUG|INFO|WARN|ERROR) \(\d+\), body "/);
  assert.doesNotMatch(demo.said, /\u001b/, 'no colours without a terminal');
});

test('demo ends with its sums when its time is over', limit, async () => {
  const demo = new RunningDemo(['--for', '2s', '--rate', '200']);
  assert.equal(await demo.ended, 0, demo.said);
  assert.match(demo.said, /The sums agree/);
});

test('demo fails, with the reason, when one of its processes dies', limit, async () => {
  const demo = new RunningDemo([]);
  const [, pid] = await demo.saying(/agent +pid (\d+)/);
  process.kill(Number(pid), 'SIGKILL');
  assert.equal(await demo.ended, 1, demo.said);
  assert.match(demo.said, /The agent has ended by itself, with SIGKILL/);
});

test('demo waits for an agent that takes longer than the application to end', limit, async () => {
  const demo = new RunningDemo(['--rate', '200']);
  const [agent, application] = ['agent', 'application'].map((name) => new RegExp(`${name} +pid (\\d+)`));
  const [, agentPid] = await demo.saying(agent!);
  const [, applicationPid] = await demo.saying(application!);
  await demo.saying(/^ 0:01/m);
  process.kill(Number(agentPid), 'SIGSTOP');
  demo.process.kill('SIGINT');
  await until(() => !isRunning(Number(applicationPid)));
  process.kill(Number(agentPid), 'SIGCONT');
  assert.equal(await demo.ended, 0, demo.said);
  assert.match(demo.said, /The sums agree/);
});

test('demo leaves no process and no file behind when it is killed', limit, async () => {
  const demo = new RunningDemo([]);
  const [, log] = await demo.saying(/to (\S+app\.log)/);
  await demo.saying(/^ 0:01/m);
  const pids = [...demo.said.matchAll(/ pid (\d+)/g)].map(([, pid]) => Number(pid));
  assert.equal(pids.filter(isRunning).length, 3);
  demo.process.kill('SIGKILL');
  await until(() => !pids.some(isRunning) && !existsSync(dirname(dirname(log!))));
});
