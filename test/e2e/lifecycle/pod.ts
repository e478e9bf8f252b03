import { SystemClock } from '../../../src/core/clock.ts';
import type { Exit } from '../../harness/agent-process.ts';
import type { Cleanup } from '../../harness/cleanup.ts';
import { Container, type ContainerSpec, type Probe } from './container.ts';

/** What of a pod's specification decides about its life. Times are those of Kubernetes, made smaller. */
export interface PodSpec {
  /** Init containers, in this order: with `isSidecar` they go on running, without the next one waits for their end. */
  readonly init: readonly (ContainerSpec & { readonly isSidecar: boolean })[];
  /** Started together, after all of those. */
  readonly containers: readonly ContainerSpec[];
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  /** `terminationGracePeriodSeconds`: one for the whole pod. */
  readonly graceMs: number;
  /** How long a container has at least between SIGTERM and SIGKILL; two seconds in the kubelet. */
  readonly finalGraceMs: number;
  /** How long a container takes until it starts, as while its image is pulled, by name. */
  readonly delaysMs: Readonly<Record<string, number>>;
  /** How long a restart waits at first; twice as long each time. */
  readonly backoffMs: number;
}

const PROBE_INTERVAL_MS = 20;
const LIVENESS_INTERVAL_MS = 200;
const FAILURE_THRESHOLD = 3;
const MAX_BACKOFF_MS = 200;
const clock = new SystemClock();

/**
 * Plays what the kubelet does with the containers of one pod, with real processes:
 *
 * - Init containers start in their order. A sidecar has started when its startup probe succeeds; only then comes the next.
 * - A sidecar that ends is started anew, whatever the restart policy, until it is told to end; also while the pod ends.
 * - When all containers have ended that need not run again, or the pod is deleted, it ends: every preStop hook starts at
 *   once; containers get SIGTERM after their hook, sidecars when all containers have ended, the last one first.
 * - There is one grace period. Who has had no SIGTERM when it is used up gets it then; SIGKILL follows at its end, and
 *   never less than a short time after SIGTERM.
 *
 * See "Pod lifecycle" and "Sidecar containers" of the Kubernetes documentation, and KEP-753.
 */
export class Pod {
  readonly spec: PodSpec;
  /** What happened, in its order: `start app`, `started agent`, `SIGTERM agent`, `end agent 0`. */
  readonly events: string[] = [];
  /** All lives of all containers, in the order of their start. */
  readonly lives: Container[] = [];
  /** Resolves when every container has ended for good. */
  readonly ended: Promise<void>;
  hasEnded = false;
  readonly #folder: string;
  readonly #done = Promise.withResolvers<void>();
  /** Aborts when the pod begins to end. */
  readonly #ending = new AbortController();
  /** Containers that nobody starts again. */
  readonly #final = new Set<ContainerSpec>();
  readonly #running = new Map<ContainerSpec, Promise<void>>();

  constructor(t: Cleanup, folder: string, spec: PodSpec) {
    this.spec = spec;
    this.#folder = folder;
    this.ended = this.#done.promise;
    t.after(async () => {
      for (const all of [...spec.init, ...spec.containers]) this.#final.add(all);
      for (const life of this.lives) life.signal('SIGKILL');
      await Promise.all(this.lives.map(({ ended }) => ended));
    });
  }

  /** Starts the init containers one after the other, then the containers. Resolves when all of these were started. */
  async start(): Promise<void> {
    for (const spec of this.spec.init) {
      const first = this.#startLife(spec);
      this.#running.set(spec, this.#keep(spec, first, spec.isSidecar ? 'Always' : 'OnFailure'));
      if (spec.isSidecar) await this.#untilStarted(spec);
      else await this.#running.get(spec);
      if (this.#ending.signal.aborted) return;
    }
    for (const spec of this.spec.containers) {
      const delayMs = this.spec.delaysMs[spec.name] ?? 0;
      const life = delayMs === 0 ? this.#startLife(spec) : clock.sleep(delayMs).then(() => this.#startLife(spec));
      this.#running.set(spec, this.#keep(spec, life, this.spec.restartPolicy));
    }
    const all = Promise.all(this.spec.containers.map((spec) => this.#running.get(spec)));
    void all.then(() => this.terminate());
  }

  /** The pod was deleted, or its containers have completed. Resolves when all have ended. */
  async terminate(): Promise<void> {
    if (this.#ending.signal.aborted) return this.ended;
    this.#ending.abort();
    const { containers, init, graceMs } = this.spec;
    const sidecars = init.filter(({ isSidecar }) => isSidecar);
    const hooks = new Map([...containers, ...sidecars].map((spec) => [spec, this.#runHook(spec)]));
    const endMs = clock.nowMs() + graceMs;
    const isOver = clock.sleep(graceMs);
    let before = Promise.all(containers.map((spec) => this.#end(spec, hooks.get(spec)!, endMs, isOver)));
    for (const spec of sidecars.toReversed()) {
      const turn = Promise.all([before, hooks.get(spec)!]);
      before = Promise.all([before, this.#end(spec, turn, endMs, isOver)]).then(() => []);
    }
    await before;
    this.hasEnded = true;
    this.#done.resolve();
  }

  /** The container of that name as it runs now. */
  running(name: string): Container | undefined {
    return this.lives.findLast((life) => life.name === name && !life.hasEnded);
  }

  /** How each life of that container ended. */
  async exits(name: string): Promise<Exit[]> {
    return Promise.all(this.lives.filter((life) => life.name === name).map(({ ended }) => ended));
  }

  /** Kills a container, as the kernel does for want of memory. */
  kill(name: string): void {
    this.running(name)?.signal('SIGKILL');
  }

  #startLife(spec: ContainerSpec): Container {
    this.events.push(`start ${spec.name}`);
    const life = new Container(spec, this.#folder);
    this.lives.push(life);
    if (spec.livenessProbe !== undefined) void this.#watch(life, spec.livenessProbe);
    return life;
  }

  /** Starts a container anew for as long as it should run. Resolves when it has ended for good. */
  async #keep(
    spec: ContainerSpec,
    first: Container | Promise<Container>,
    restart: PodSpec['restartPolicy'],
  ): Promise<void> {
    let life = await first;
    for (let backoffMs = this.spec.backoffMs; ; backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)) {
      const exit = await life.ended;
      this.events.push(`end ${spec.name} ${exit}`);
      const isWanted = restart === 'Always' || (restart === 'OnFailure' && exit !== 0);
      const isOver = (): boolean => this.#final.has(spec) || (this.#ending.signal.aborted && !this.#isSidecar(spec));
      if (!isWanted || isOver()) break;
      await clock.sleep(backoffMs);
      if (isOver()) break;
      life = this.#startLife(spec);
    }
    this.#final.add(spec);
  }

  async #untilStarted(spec: ContainerSpec): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const life = this.#current(spec);
      if (life !== undefined && (await succeeds(spec.startupProbe, life))) {
        this.events.push(`started ${spec.name}`);
        return;
      }
      await clock.sleep(PROBE_INTERVAL_MS, this.#ending.signal);
    }
  }

  async #watch(life: Container, probe: Probe): Promise<void> {
    let failures = 0;
    while (!(await succeeds(life.spec.startupProbe, life)) && !life.hasEnded) await clock.sleep(PROBE_INTERVAL_MS);
    while (!life.hasEnded && failures < FAILURE_THRESHOLD) {
      failures = (await succeeds(probe, life)) ? 0 : failures + 1;
      await clock.sleep(LIVENESS_INTERVAL_MS);
    }
    if (life.hasEnded || this.#ending.signal.aborted) return;
    this.events.push(`unhealthy ${life.name}`);
    life.signal('SIGTERM');
    await clock.sleep(this.spec.finalGraceMs);
    life.signal('SIGKILL');
  }

  async #runHook(spec: ContainerSpec): Promise<void> {
    const life = this.#current(spec);
    if (life === undefined || spec.preStop === undefined) return;
    this.events.push(`preStop ${spec.name}`);
    await spec.preStop(life);
  }

  /** Ends a container when it is its turn, or the grace period is over; it gets what is left of that, or a little. */
  async #end(spec: ContainerSpec, turn: Promise<unknown>, endMs: number, isOver: Promise<void>): Promise<void> {
    await Promise.race([turn, isOver]);
    this.#tell(spec, 'SIGTERM');
    const hasEnded = new AbortController();
    const ended = this.#running.get(spec)?.finally(() => hasEnded.abort());
    await clock.sleep(Math.max(endMs - clock.nowMs(), this.spec.finalGraceMs), hasEnded.signal);
    if (!hasEnded.signal.aborted) this.#tell(spec, 'SIGKILL');
    await ended;
  }

  #tell(spec: ContainerSpec, signal: NodeJS.Signals): void {
    this.#final.add(spec);
    const life = this.#current(spec);
    if (life === undefined) return;
    this.events.push(`${signal} ${spec.name}`);
    life.signal(signal);
  }

  #current(spec: ContainerSpec): Container | undefined {
    return this.lives.findLast((life) => life.spec === spec && !life.hasEnded);
  }

  #isSidecar(spec: ContainerSpec): boolean {
    return this.spec.init.some((other) => other === spec && other.isSidecar);
  }
}

async function succeeds(probe: Probe | undefined, life: Container): Promise<boolean> {
  return probe === undefined || (await probe(life));
}
