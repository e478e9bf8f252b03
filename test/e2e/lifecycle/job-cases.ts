import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LifeCase, Run } from './life-case.ts';

/** The application of a Job runs under a name of its own; the test folder makes it one of this case. */
function processOf({ folder }: Run): { readonly name: string; readonly shell: string } {
  const name = `job-${folder.slice(-6)}`;
  const shell = join(folder, name);
  if (!existsSync(shell)) copyFileSync('/bin/sh', shell);
  return { name, shell };
}

function processGone(run: Run, more: object = {}): { readonly top: object } {
  return { top: { exit_when: { process_gone: processOf(run).name, ...more } } };
}

/** The Job is done when all of its containers are. */
const completes = (run: Run): Promise<void> => run.pod.ended;

/** Jobs, with the agent as a native sidecar and beside the application. */
export const JOB_CASES: readonly LifeCase[] = [
  {
    name: 'LIF-20 a native sidecar does not keep a Job from completing',
    app: 'many 100; exit 0',
    happens: completes,
    order: ['start agent', 'started agent', 'start app', 'end app 0', 'SIGTERM agent', 'end agent 0'],
  },
  {
    name: 'LIF-20 the application of a Job fails, is started anew, and completes: the sidecar stays',
    app: '[ -e "$LOGS/../tried" ] && many 10 && exit 0; touch "$LOGS/../tried"; many 10; exit 1',
    pod: { restartPolicy: 'OnFailure' },
    happens: completes,
    order: ['end app 1', 'start app', 'end app 0', 'SIGTERM agent'],
  },
  {
    name: 'LIF-21 a plain sidecar ends when the application leaves its marker',
    kind: 'plain',
    app: 'many 100; rotate; many 5; touch "$LOGS/../done"',
    config: (run) => ({
      // It may rotate before the agent has started.
      source: { include: [join(run.logs, 'app.log*')] },
      top: { exit_when: { file: join(run.folder, 'done') } },
    }),
    happens: completes,
    order: ['end app 0', 'end agent 0'],
  },
  {
    name: 'LIF-21 the marker is there before the agent is',
    kind: 'plain',
    app: 'many 100; touch "$LOGS/../done"',
    config: (run) => ({ top: { exit_when: { file: join(run.folder, 'done') } } }),
    pod: { delaysMs: { agent: 300 } },
    happens: completes,
    order: ['end app 0', 'start agent', 'end agent 0'],
  },
  {
    name: 'LIF-22 a plain sidecar ends when the process of the application is gone',
    kind: 'plain',
    app: 'many 10; until [ -e "$LOGS/../seen" ]; do sleep 0.02; done; many 10',
    shell: (run) => processOf(run).shell,
    config: (run) => processGone(run),
    happens: async (run) => {
      await run.until('it is seen', () => run.agent.stderr.includes('The process that it waits for is there.'));
      run.touch('seen');
      await run.pod.ended;
    },
    order: ['end app 0', 'end agent 0'],
  },
  {
    name: 'LIF-22 the process ended before the agent had started: it is not waited for longer than it may',
    kind: 'plain',
    app: 'many 10',
    shell: (run) => processOf(run).shell,
    config: (run) => processGone(run, { process_wait: '500ms' }),
    pod: { delaysMs: { agent: 200 } },
    happens: completes,
    order: ['end app 0', 'start agent', 'end agent 0'],
    holds: (run) => assert.match(run.pod.lives.at(-1)!.stderr, /was not there for 500 ms/),
  },
  {
    name: 'LIF-22 the agent is killed, and the process gone when it is started anew: it remembers to have seen it',
    kind: 'plain',
    app: 'many 10; until [ -e "$LOGS/../killed" ]; do sleep 0.02; done; many 10',
    shell: (run) => processOf(run).shell,
    config: (run) => processGone(run),
    pod: { restartPolicy: 'OnFailure', backoffMs: 1500 },
    happens: async (run) => {
      await run.until('that it was seen is stored', () => run.checkpointHolds(processOf(run).name));
      run.pod.kill('agent');
      run.touch('killed');
      await run.pod.ended;
    },
    exits: ['SIGKILL', 0],
    repeats: 10,
    order: ['end app 0', 'start agent', 'end agent 0'],
  },
  {
    name: 'LIF-23 a plain sidecar ends when nothing was written for a while',
    kind: 'plain',
    app: 'many 10; sleep 0.4; many 10',
    config: () => ({ top: { exit_when: { idle: '1s' } } }),
    happens: completes,
    order: ['end app 0', 'end agent 0'],
  },
  {
    name: 'LIF-23 an application that writes is not idle while the backend is away and nothing can be read',
    kind: 'plain',
    app: 'for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do bulk 4000; sleep 0.15; done; touch "$LOGS/../ended"',
    config: () => ({ top: { exit_when: { idle: '600ms' } }, sink: { max_request_records: 5000 } }),
    happens: async (run) => {
      run.backend.behaviour = 503;
      await run.until('the application has ended', () => existsSync(join(run.folder, 'ended')));
      assert.ok(!run.agent.stderr.includes('The application is done'), run.agent.stderr);
      run.backend.behaviour = 'take';
      await run.pod.ended;
    },
    order: ['end app 0', 'end agent 0'],
  },
  {
    name: 'LIF-24 the backend is away when the application of a Job is done: the agent waits for it, beyond drain_timeout',
    kind: 'plain',
    app: 'many 10; touch "$LOGS/../done"',
    config: (run) => ({ top: { drain_timeout: '200ms', exit_when: { file: join(run.folder, 'done') } } }),
    happens: async (run) => {
      run.backend.behaviour = 503;
      await run.happened('end app 0');
      await run.until('it drains', () => run.agent.stderr.includes('The application is done'));
      const { requests } = run.backend;
      // At 100 ms between two attempts that is more than twice the drain_timeout.
      await run.until('it has tried for long', () => run.backend.requests >= requests + 6);
      run.backend.behaviour = 'take';
      await run.pod.ended;
    },
    order: ['end app 0', 'end agent 0'],
  },
  {
    name: 'LIF-24 SIGTERM ends that wait in its own time, and the last words say what is left',
    kind: 'plain',
    app: 'many 10; touch "$LOGS/../done"',
    config: (run) => ({ top: { drain_timeout: '300ms', exit_when: { file: join(run.folder, 'done') } } }),
    happens: async (run) => {
      run.backend.behaviour = 503;
      await run.until('it drains', () => run.pod.running('agent')?.stderr.includes('The application is done') === true);
      await run.until('it has tried', () => run.backend.requests > 1);
      await run.pod.terminate();
    },
    exits: [1],
    lacks: (run) => assert.equal(run.toldBytes, run.missingBytes, run.lastWords),
    order: ['end app 0', 'SIGTERM agent', 'end agent 1'],
  },
  {
    name: 'LIF-25 a sidecar that has ended by itself is started anew beside its application, and goes on',
    app: 'on_term \'exit 0\'; many 10; until [ -e "$LOGS/../again" ]; do sleep 0.02; done; many 10; idle',
    config: () => ({ top: { exit_when: { idle: '500ms' } } }),
    happens: async (run) => {
      await run.happened('end agent 0');
      run.touch('again');
      await run.arrived(20);
      await run.pod.terminate();
    },
    // One that was idle again by then may be in the middle of its next start when it gets SIGTERM.
    exitsAre: ([first, ...others]) =>
      first === 0 && others.length > 0 && others.every((exit) => exit === 0 || exit === 'SIGTERM'),
    order: ['end agent 0', 'start agent', 'end app 0'],
  },
];
