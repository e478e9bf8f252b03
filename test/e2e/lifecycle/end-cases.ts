import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { application } from './application.ts';
import type { LifeCase, Run } from './life-case.ts';

const NORMAL_ORDER = [
  'start agent',
  'started agent',
  'start app',
  'SIGTERM app',
  'end app 0',
  'SIGTERM agent',
  'end agent 0',
];

/** The pod is deleted while the backend is as `during` makes it. */
function deletedWhile(during: (run: Run) => void | Promise<void>): (run: Run) => Promise<void> {
  return async (run) => {
    await run.arrived(1);
    await during(run);
    await run.pod.terminate();
  };
}

/** What is missing is what the last words say, to the byte, and the next life delivers it. */
async function toldAndKept(run: Run): Promise<void> {
  assert.ok(run.missing.length > 0);
  assert.equal(run.toldBytes, run.missingBytes, run.lastWords);
  assert.equal(await run.lifeAfter(), 0);
  assert.deepEqual(run.missing, []);
}

/** Nothing could be said, and nothing is lost as long as the volume is there. */
async function keptUnsaid(run: Run): Promise<void> {
  assert.ok(run.missing.length > 0);
  assert.equal(await run.lifeAfter(), 0);
  assert.deepEqual(run.missing, []);
}

/** How a pod ends that has the agent as a native sidecar. */
export const END_CASES: readonly LifeCase[] = [
  {
    name: 'LIF-01 the sidecar has started before the application does, and ends after it',
    app: "on_term 'exit 0'; say; idle",
    order: NORMAL_ORDER,
    holds: (run) =>
      assert.match(run.lastWords, /^Stopped after .* 1 record read \(\d+ bytes\), 1 delivered, 0 dropped/),
  },
  {
    name: 'LIF-02 the application writes its last lines on its way out',
    app: "on_term 'many 20; exit 0'; say; idle",
    order: NORMAL_ORDER,
  },
  {
    name: 'LIF-02 the last line of the application has no line end',
    app: `on_term 'printf "{\\"line\\":2,\\"of\\":\\"the end\\"}" >> "$log"; exit 0'; say; idle`,
    order: NORMAL_ORDER,
  },
  {
    name: 'LIF-03 the application ends just before the grace period does',
    app: "on_term 'sleep 0.7; many 20; exit 0'; say; idle",
    pod: { graceMs: 900 },
    order: ['SIGTERM app', 'end app 0', 'SIGTERM agent', 'end agent 0'],
  },
  {
    name: 'LIF-03 the application uses up the whole grace period and is killed: the agent ends in what is left',
    app: "on_term 'trap : TERM; many 500'; say; idle",
    pod: { graceMs: 500 },
    order: ['SIGTERM app', 'SIGKILL app', 'end app SIGKILL'],
    holds: (run) => assert.ok(run.pod.events.indexOf('SIGTERM agent') < run.pod.events.indexOf('end app SIGKILL')),
  },
  {
    name: 'LIF-03 the grace period is used up and the backend away: the agent says in time what is left',
    app: "on_term 'trap : TERM; many 500'; say; idle",
    config: () => ({ top: { drain_timeout: '800ms' } }),
    pod: { graceMs: 400 },
    happens: deletedWhile((run) => run.backend.close()),
    exits: [1],
    lacks: async (run) => {
      await run.backend.reopen();
      await toldAndKept(run);
    },
  },
  {
    name: 'LIF-03 the agent that may drain for longer than the pod lives is killed: nothing is said, and nothing is skipped',
    app: "on_term 'many 500; exit 0'; say; idle",
    pod: { graceMs: 400, finalGraceMs: 300 },
    happens: deletedWhile((run) => void (run.backend.behaviour = 503)),
    order: ['SIGTERM agent', 'SIGKILL agent', 'end agent SIGKILL'],
    exits: ['SIGKILL'],
    // That it was delivered may not have been written down yet.
    repeats: 1,
    lacks: keptUnsaid,
  },
  {
    name: 'LIF-04 the log is rotated while the application ends',
    app: "on_term 'many 10; rotate; many 10; rotate; many 10; exit 0'; many 10; idle",
    order: NORMAL_ORDER,
  },
  {
    name: 'LIF-04 the log is rotated and deleted while the application ends',
    app: 'on_term \'many 10; rotate; say; rm "$log.1"; many 10; exit 0\'; many 10; idle',
    written: 31,
    order: NORMAL_ORDER,
  },
  {
    name: 'LIF-05 the backend is away when the pod begins to end, and comes back in time',
    app: "on_term 'many 100; exit 0'; say; idle",
    happens: async (run) => {
      await run.arrived(1);
      await run.backend.close();
      const ended = run.pod.terminate();
      await run.happened('SIGTERM agent');
      await run.backend.reopen();
      await ended;
    },
    order: NORMAL_ORDER,
  },
  {
    name: 'LIF-05 the backend is away to the end: the last words say what is left',
    app: "on_term 'bulk 3000; exit 0'; say; idle",
    config: () => ({ top: { drain_timeout: '500ms' } }),
    happens: deletedWhile((run) => void (run.backend.behaviour = 503)),
    exits: [1],
    order: ['SIGTERM app', 'end app 0', 'SIGTERM agent', 'end agent 1'],
    lacks: toldAndKept,
  },
  {
    name: 'LIF-05 the backend is slow: a backlog is delivered within the grace period',
    app: "on_term 'bulk 2000; exit 0'; say; idle",
    happens: deletedWhile((run) => void (run.backend.delayMs = 100)),
    order: NORMAL_ORDER,
  },
  {
    name: 'LIF-05 the backend refuses the last records for good: they are counted, and that is no failure of the drain',
    app: "on_term 'many 3; exit 0'; say; idle",
    happens: deletedWhile((run) => void (run.backend.behaviour = 501)),
    lacks: (run) => {
      assert.deepEqual(run.missing, [2, 3, 4]);
      assert.match(run.lastWords, /4 records read .*, 1 delivered, 0 dropped, 3 rejected\.\n$/);
    },
  },
  {
    name: 'LIF-06 preStop: what the application still writes is sent at once, before the agent is told to end',
    app: 'on_term \'many 5; until [ -e "$LOGS/../arrived" ]; do sleep 0.02; done; exit 0\'; say; idle',
    config: () => ({ sink: { flush_interval: '1h' } }),
    hasHook: true,
    happens: async (run) => {
      await run.until('it has begun', () => run.written.length > 0);
      const ended = run.pod.terminate();
      await run.arrived(6);
      writeFileSync(join(run.folder, 'arrived'), '');
      await ended;
    },
    order: ['SIGTERM app', 'end app 0', 'SIGTERM agent', 'end agent 0'],
  },
  {
    name: 'LIF-07 the lines of another sidecar on its way out are read, when the agent comes before it',
    app: "on_term 'exit 0'; say; idle",
    after: (run) => [
      {
        name: 'proxy',
        isSidecar: true,
        command: application(
          'on_term \'printf "{\\"line\\":2,\\"of\\":\\"proxy\\"}\\n" >> "$LOGS/proxy.log"; exit 0\'; idle',
        ),
        env: { LOGS: run.logs },
      },
    ],
    order: ['start agent', 'start proxy', 'start app', 'end app 0', 'SIGTERM proxy', 'end proxy 0', 'SIGTERM agent'],
  },
  {
    name: 'LIF-07 the lines of an init container behind the agent are read',
    app: "on_term 'exit 0'; many 5; idle",
    after: (run) => [{ name: 'migrate', isSidecar: false, command: application('many 5'), env: { LOGS: run.logs } }],
    order: ['started agent', 'start migrate', 'end migrate 0', 'start app', 'SIGTERM app'],
  },
  {
    name: 'LIF-08 a second SIGTERM, as of a kubelet that was restarted, does not cut the drain short',
    app: "on_term 'many 500; exit 0'; say; idle",
    happens: async (run) => {
      await run.arrived(1);
      run.backend.behaviour = 503;
      const ended = run.pod.terminate();
      await run.happened('SIGTERM agent');
      const { requests } = run.backend;
      await run.until('it drains', () => run.backend.requests > requests + 4);
      run.agent.signal('SIGTERM');
      const { requests: later } = run.backend;
      await run.until('it goes on', () => run.backend.requests > later + 4);
      run.backend.behaviour = 'take';
      await ended;
    },
    order: NORMAL_ORDER,
  },
  {
    name: 'LIF-09 everybody is killed at once: what has arrived is what was committed, or comes again',
    app: "on_term 'exit 0'; say; idle",
    happens: async (run) => {
      await run.arrived(1);
      run.backend.behaviour = 503;
      writeFileSync(join(run.logs, 'other.log'), '{"line":2}\n{"line":3}\n');
      await run.until('it tries', () => run.backend.requests > 1);
      run.pod.kill('app');
      run.pod.kill('agent');
      await run.pod.terminate();
    },
    exits: ['SIGKILL'],
    repeats: 1,
    lacks: keptUnsaid,
  },
];
