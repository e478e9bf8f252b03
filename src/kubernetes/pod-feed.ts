import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { HttpAnswer } from '../delivery/http-answer.ts';
import type { HttpClient } from '../delivery/http-client.ts';
import type { Pod } from './pod.ts';
import type { PodStore } from './pod-store.ts';

/** Keeps a store of pods as the cluster has them. */
export interface PodFeed {
  /** Until `signal` aborts. Never rejects: what fails is said, and tried again. */
  run(signal: AbortSignal): Promise<void>;
  /** Somebody looks for a pod that the store does not know. */
  want(): void;
}

/** What a feed is made with. */
export interface PodFeedSetting {
  readonly client: HttpClient;
  readonly store: PodStore;
  readonly clock: Clock;
  readonly parse: (value: unknown) => Pod | undefined;
  /** Counts a request by what it asked for and what came of it. */
  readonly count: (request: 'list' | 'watch', result: 'ok' | 'failed') => void;
  /** Says why pods are not known; the same once a minute. */
  readonly trouble: (error: string) => void;
}

/** The pods of a node with all that is in them: some hundred of them, each tens of kilobytes. */
export const MAX_LIST_BYTES = 64 * 2 ** 20;

/** The JSON object in an answer, or why there is none. */
export function objectOf(answer: HttpAnswer): Readonly<Record<string, unknown>> | string {
  if (answer.kind === 'no_answer') return messageOf(answer.error);
  if (answer.kind !== 'answer') return `answered ${answer.status} with too large a body`;
  if (answer.status !== 200) return `answered ${answer.status}`;
  if (!answer.isWhole) return 'the answer was cut off';
  return jsonObject(answer.body.toString()) ?? 'the answer is no JSON object';
}

/** A JSON object; undefined: the text is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
