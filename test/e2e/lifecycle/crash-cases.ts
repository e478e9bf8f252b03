import assert from 'node:assert/strict';
import type { LifeCase, Run } from './life-case.ts';

/** What a kill may repeat: what was under way, and what was answered in the half second before that was not yet stored. */
const MAX_REPEATS = 3000;

/** The agent is killed, and has started anew. */
async function killAgent(run: Run): Promise<void> {
  const starts = run.pod.events.filter((event) => event === 'start agent').length;
  run.pod.kill('agent');
  await run.happened('start agent', starts + 1);
  await run.until('it has started', () => run.agent.log.some(({ msg }) => msg === 'Agent started.'));
}

/** What crashes, and is started anew. */
export const CRASH_CASES: readonly LifeCase[] = [
  {
    name: 'LIF-10 the sidecar alone is killed for want of memory: its next life goes on from there',
    app: 'on_term \'many 5; exit 0\'; bulk 1000; while [ ! -e "$LOGS/../enough" ]; do say; sleep 0.01; done; idle',
    happens: async (run) => {
      await run.arrived(1000);
      await killAgent(run);
      const { distinct } = run.backend;
      await run.arrived(distinct + 5);
      await run.pod.terminate();
    },
    exits: ['SIGKILL', 0],
    repeats: MAX_REPEATS,
    order: ['end agent SIGKILL', 'start agent', 'SIGTERM app', 'end app 0', 'SIGTERM agent', 'end agent 0'],
  },
  {
    name: 'LIF-10 the sidecar is killed while the log is rotated twice',
    app: `on_term 'exit 0'; many 100; until [ -e "$LOGS/../agents" ]; do sleep 0.02; done
      many 10; rotate; many 10; rotate; many 10; idle`,
    happens: async (run) => {
      await run.arrived(100);
      // A kill before the very first checkpoint, and a rotation after it, lose what then has another name: UNA-03.
      await run.until('the checkpoint knows the file', () => run.checkpointHolds('app.log'));
      run.pod.kill('agent');
      run.touch('agents');
      await run.happened('start agent', 2);
      await run.arrived(130);
      await run.pod.terminate();
    },
    exits: ['SIGKILL', 0],
    repeats: MAX_REPEATS,
  },
  {
    name: 'LIF-10 the sidecar is killed while the pod ends: it is started anew until it gets its own SIGTERM',
    app: 'on_term \'many 10; until [ -e "$LOGS/../killed" ]; do sleep 0.02; done; many 10; exit 0\'; say; idle',
    happens: async (run) => {
      await run.arrived(1);
      const ended = run.pod.terminate();
      await run.arrived(11);
      await killAgent(run);
      run.touch('killed');
      await ended;
    },
    exits: ['SIGKILL', 0],
    repeats: 11,
    order: ['SIGTERM app', 'end agent SIGKILL', 'start agent', 'end app 0', 'SIGTERM agent', 'end agent 0'],
  },
  {
    name: 'LIF-10 the sidecar is killed again and again, while its backend comes and goes',
    app: 'on_term \'exit 0\'; while [ ! -e "$LOGS/../enough" ]; do many 20; sleep 0.02; done; idle',
    happens: async (run) => {
      for (let life = 1; life <= 4; life++) {
        run.backend.behaviour = life % 2 === 0 ? 503 : 'take';
        if (life % 2 === 0) await run.until('it is refused', withMore(run.backend, 'requests'));
        else await run.until('lines arrive', withMore(run.backend, 'distinct'));
        await killAgent(run);
      }
      run.touch('enough');
      run.backend.behaviour = 'take';
      await run.pod.terminate();
    },
    exits: ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL', 0],
    repeats: MAX_REPEATS,
  },
  {
    name: 'LIF-11 a sidecar that does not turn is restarted by its liveness probe',
    isWatched: true,
    app: "on_term 'exit 0'; many 10; idle",
    happens: async (run) => {
      await run.arrived(10);
      run.agent.signal('SIGSTOP');
      await run.happened('start agent', 2);
      await run.until('it has started', () => run.agent.log.some(({ msg }) => msg === 'Agent started.'));
      await run.pod.terminate();
    },
    exits: ['SIGKILL', 0],
    repeats: 10,
    order: ['started agent', 'unhealthy agent', 'end agent SIGKILL', 'start agent'],
  },
  {
    name: 'LIF-11 a backend that is away fails no probe: the sidecar starts, and is not restarted',
    isWatched: true,
    app: "on_term 'exit 0'; many 10; idle",
    config: (run) => ({ sink: { endpoint: run.backend.endpoint.replace(/\d+$/, '1') } }),
    happens: async (run) => {
      await run.until('the sink tries again', () =>
        run.agent.stderr.includes('Cannot deliver; the request will be sent again'),
      );
      await run.until('the liveness probe was asked', () => run.probes > 5);
      run.agent.signal('SIGKILL');
      await run.pod.terminate();
    },
    exits: ['SIGKILL'],
    order: ['start agent', 'started agent', 'start app'],
    lacks: (run) => {
      assert.equal(run.missing.length, 10);
      assert.ok(!run.pod.events.includes('unhealthy agent'));
    },
  },
  {
    name: 'LIF-12 the application crash-loops, and goes on in its log each time',
    app: 'many 20; kill -KILL $$',
    pod: { restartPolicy: 'Always' },
    happens: async (run) => {
      await run.happened('end app SIGKILL', 5);
      await run.pod.terminate();
    },
    holds: (run) => assert.ok(run.written.length >= 100),
  },
  {
    name: 'LIF-12 the application crash-loops, and rotates the log of the life before at each start',
    app: '[ -e "$log" ] && rotate; many 20; kill -KILL $$',
    pod: { restartPolicy: 'Always' },
    happens: async (run) => {
      await run.happened('end app SIGKILL', 5);
      await run.pod.terminate();
    },
    holds: (run) => assert.ok(run.written.length >= 100),
  },
  {
    name: 'LIF-12 the application crash-loops, and truncates its log at each start, when it is delivered',
    app: `: > "$log"; many 20; echo "$i" > "$LOGS/../count"; until [ -e "$LOGS/../seen-$i" ]; do sleep 0.02; done; kill -KILL $$`,
    written: 80,
    pod: { restartPolicy: 'Always' },
    happens: async (run) => {
      for (let lines = 20; lines <= 80; lines += 20) {
        await run.arrived(lines);
        if (lines < 80) run.touch(`seen-${lines}`);
      }
      await run.pod.terminate();
    },
  },
  {
    name: 'LIF-12 the application crashes in the middle of a line, and its next life goes on behind it',
    app: `[ -e "$log" ] && many 5 && exec sleep 1000; many 5; printf '{"line":6,"of":"half' >> "$log"; kill -KILL $$`,
    pod: { restartPolicy: 'Always' },
    happens: async (run) => {
      await run.happened('start app', 2);
      await run.until('the second life has written', () => run.written.length >= 10);
      await run.pod.terminate();
    },
  },
  {
    name: 'LIF-13 the application ends at once, before the agent has looked at its file',
    app: 'many 7',
    config: () => ({ source: { poll_interval: '1h' } }),
    happens: (run) => run.pod.ended,
    order: ['started agent', 'start app', 'end app 0', 'SIGTERM agent', 'end agent 0'],
  },
  {
    name: 'LIF-14 the application starts before the agent, and has written and rotated: all of it is read',
    kind: 'plain',
    app: "on_term 'exit 0'; many 50; rotate; many 50; idle",
    config: (run) => ({ source: { include: [`${run.logs}/app.log*`] } }),
    happens: async (run) => {
      await run.arrived(100);
      await run.pod.terminate();
    },
    order: ['start app', 'start agent', 'SIGTERM app', 'SIGTERM agent'],
  },
  {
    name: 'LIF-14 beside an application that writes at its end, a plain sidecar gets SIGTERM together with it, and lingers until that is silent',
    kind: 'plain',
    app: "on_term 'for k in 1 2 3 4; do sleep 0.3; many 5; done; exit 0'; say; idle",
    config: () => ({ top: { linger: '700ms' } }),
    order: ['SIGTERM app', 'SIGTERM agent', 'end app 0', 'end agent 0'],
  },
];

/** Whether a number of the backend has grown since now. */
function withMore(backend: Run['backend'], what: 'requests' | 'distinct'): () => boolean {
  const before = backend[what];
  return () => backend[what] > before;
}
