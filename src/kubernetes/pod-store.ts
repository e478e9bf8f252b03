import type { Clock } from '../core/clock.ts';
import type { Pod } from './pod.ts';

/** Files of a pod that is gone may be found, and read, for a while. */
const KEPT_MS = 10 * 60_000;
/** More than a node has, with those that are kept after their end. */
const MAX_GONE = 1000;

/** By what a pod is looked for. */
export interface PodKey {
  /** Or the hash of a static pod; undefined: only its name is known. */
  readonly uid: string | undefined;
  readonly namespace: string;
  readonly name: string;
}

/** The pods of a node, as they were told of last; those that are gone are kept for a while. */
export class PodStore {
  readonly #clock: Clock;
  readonly #pods = new Map<string, Pod>();
  readonly #byHash = new Map<string, Pod>();
  readonly #byName = new Map<string, Pod>();
  /** When pods went, in milliseconds of the clock, the first first. */
  readonly #gone = new Map<string, number>();
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Changes with every change of a pod. */
  get version(): number {
    return this.#version;
  }

  /** How many pods are there, without those that are gone. */
  get size(): number {
    return this.#pods.size - this.#gone.size;
  }

  find({ uid, namespace, name }: PodKey): Pod | undefined {
    if (uid === undefined) return this.#byName.get(`${namespace}/${name}`);
    return this.#pods.get(uid) ?? this.#byHash.get(uid);
  }

  put(pod: Pod): void {
    this.#gone.delete(pod.uid);
    this.#pods.set(pod.uid, pod);
    if (pod.hash !== undefined) this.#byHash.set(pod.hash, pod);
    this.#byName.set(`${pod.namespace}/${pod.name}`, pod);
    this.#version++;
    this.#forgetGone();
  }

  /** The pod is gone. */
  remove(uid: string): void {
    if (!this.#pods.has(uid) || this.#gone.has(uid)) return;
    this.#gone.set(uid, this.#clock.nowMs());
    this.#forgetGone();
  }

  /** These are all pods that are there. */
  replace(pods: readonly Pod[]): void {
    const there = new Set(pods.map(({ uid }) => uid));
    for (const uid of this.#pods.keys()) if (!there.has(uid)) this.remove(uid);
    for (const pod of pods) this.put(pod);
  }

  #forgetGone(): void {
    const nowMs = this.#clock.nowMs();
    for (const [uid, goneMs] of this.#gone) {
      if (this.#gone.size <= MAX_GONE && nowMs - goneMs < KEPT_MS) return;
      this.#gone.delete(uid);
      const pod = this.#pods.get(uid);
      this.#pods.delete(uid);
      if (pod === undefined) continue;
      const name = `${pod.namespace}/${pod.name}`;
      if (this.#byName.get(name) === pod) this.#byName.delete(name);
      if (pod.hash !== undefined && this.#byHash.get(pod.hash) === pod) this.#byHash.delete(pod.hash);
    }
  }
}
