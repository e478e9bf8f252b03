import { messageOf } from '../core/errors.ts';
import { Backoff } from '../delivery/backoff.ts';
import { linesOf } from './line-stream.ts';
import type { Pod } from './pod.ts';
import { jsonObject, MAX_LIST_BYTES, objectOf, type PodFeed, type PodFeedSetting } from './pod-feed.ts';

/** One page of a list. */
const PAGE = 500;
/** The server ends a watch after this long, so that load is spread over servers again. */
const WATCH_S = 300;
/** A watch that lives longer hangs on a connection that is gone. */
const WATCH_LIMIT_MS = (WATCH_S + 30) * 1000;
const MAX_EVENT_BYTES = 16 * 2 ** 20;
/** A watch that ends at once is not opened again at once. */
const MIN_WATCH_MS = 1000;
const RETRY = { initialMs: 500, maxMs: 30_000 };

/** What ended a watch. */
type WatchEnd =
  /** The server, or the connection: it goes on where it was. */
  | { readonly kind: 'closed' }
  /** The version is too old, or nobody knows any more what was missed: everything is listed anew. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'failed'; readonly error: string };

/**
 * The pods of one node by the API server, as its clients are to do it: a list, then a watch from the version of the list
 * on, which goes on where it was when it is closed; a list anew when that version is gone (410).
 */
export class ApiPods implements PodFeed {
  readonly #setting: PodFeedSetting;
  readonly #query: string;
  readonly #backoff: Backoff;
  #version = '';
  /** The cache of the server may hold no more than what was too old. */
  #isExpired = false;

  constructor(nodeName: string, setting: PodFeedSetting, random: () => number = Math.random) {
    this.#setting = setting;
    this.#query = `fieldSelector=${encodeURIComponent(`spec.nodeName=${nodeName}`)}`;
    this.#backoff = new Backoff({ ...RETRY, random });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, trouble } = this.#setting;
    while (!signal.aborted) {
      const error = await this.#list(signal);
      if (error === undefined) await this.#follow(signal);
      else if (!signal.aborted) trouble(error);
      if (!signal.aborted) await clock.sleep(this.#backoff.nextMs(), signal);
    }
  }

  /** A watch says it anyway. */
  want(): void {}

  /** Lists all pods. Gives what went wrong. */
  async #list(signal: AbortSignal): Promise<string | undefined> {
    const { client, store, parse, count } = this.#setting;
    const pods: Pod[] = [];
    let next = '';
    do {
      // The cache of the server will do at the start.
      const start = this.#isExpired ? '' : '&resourceVersion=0';
      const page = next === '' ? start : `&continue=${encodeURIComponent(next)}`;
      const path = `/api/v1/pods?${this.#query}&limit=${PAGE}${page}`;
      const request = { method: 'GET', path, headers: JSON_ONLY, maxResponseBytes: MAX_LIST_BYTES } as const;
      const answer = await client.send(request, signal);
      const list = objectOf(answer);
      const { resourceVersion, continue: more } = typeof list === 'string' ? {} : metadataOf(list);
      const isList = typeof list !== 'string' && Array.isArray(list['items']) && typeof resourceVersion === 'string';
      count('list', isList ? 'ok' : 'failed');
      if (!isList) return typeof list === 'string' ? list : 'the answer is no list of pods';
      for (const item of list['items'] as unknown[]) {
        const pod = parse(item);
        if (pod !== undefined) pods.push(pod);
      }
      this.#version = resourceVersion;
      next = typeof more === 'string' ? more : '';
    } while (next !== '' && !signal.aborted);
    this.#isExpired = false;
    store.replace(pods);
    return undefined;
  }

  /** Watches until a list is needed. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, trouble } = this.#setting;
    while (!signal.aborted) {
      const startMs = clock.nowMs();
      const end = await this.#watch(signal);
      this.#isExpired = end.kind === 'expired';
      if (signal.aborted || end.kind === 'expired') return;
      if (end.kind === 'failed') trouble(end.error);
      const isShort = clock.nowMs() - startMs < MIN_WATCH_MS;
      if (end.kind === 'failed' || isShort) await clock.sleep(this.#backoff.nextMs(), signal);
    }
  }

  async #watch(signal: AbortSignal): Promise<WatchEnd> {
    const { client, clock, count } = this.#setting;
    const limit = new AbortController();
    const over = new AbortController();
    const stop = (): void => limit.abort();
    signal.addEventListener('abort', stop, { once: true });
    void clock.sleep(WATCH_LIMIT_MS, over.signal).then(() => {
      if (!over.signal.aborted) limit.abort();
    });
    try {
      const version = `resourceVersion=${encodeURIComponent(this.#version)}`;
      const path = `/api/v1/pods?${this.#query}&watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_S}&${version}`;
      const opened = await client.open({ method: 'GET', path, headers: JSON_ONLY }, limit.signal);
      count('watch', opened.kind === 'stream' ? 'ok' : 'failed');
      if (opened.kind === 'failed') return { kind: 'failed', error: messageOf(opened.error) };
      if (opened.kind === 'refused') {
        return opened.status === 410 ? { kind: 'expired' } : { kind: 'failed', error: `answered ${opened.status}` };
      }
      for await (const line of linesOf(opened.parts, MAX_EVENT_BYTES)) {
        const end = this.#take(line);
        // Leaving the loop closes the connection.
        if (end !== undefined) return end;
      }
      return { kind: 'closed' };
    } catch (error) {
      // A connection that breaks is closed; what it says beyond that is of no use.
      return error instanceof RangeError ? { kind: 'failed', error: messageOf(error) } : { kind: 'closed' };
    } finally {
      over.abort();
      signal.removeEventListener('abort', stop);
    }
  }

  /** Takes an event; what it ends the watch with, if it does. */
  #take(line: string): WatchEnd | undefined {
    const { store, parse } = this.#setting;
    const event = jsonObject(line);
    const object = event?.['object'];
    const { resourceVersion: version } = metadataOf({ metadata: metadata(object) });
    const pod = parse(object);
    switch (event?.['type']) {
      case 'ADDED':
      case 'MODIFIED':
        if (pod !== undefined) store.put(pod);
        break;
      case 'DELETED':
        if (pod !== undefined) store.remove(pod.uid);
        break;
      case 'BOOKMARK':
        break;
      case 'ERROR':
        return codeOf(object) === 410
          ? { kind: 'expired' }
          : { kind: 'failed', error: `the watch ended with status ${codeOf(object)}` };
      default:
        // Nobody knows what it was, so nobody knows what is missing.
        return { kind: 'expired' };
    }
    if (typeof version === 'string') this.#version = version;
    this.#backoff.reset();
    return undefined;
  }
}

const JSON_ONLY = { accept: 'application/json' };

function metadataOf(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const value = object['metadata'];
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function metadata(object: unknown): unknown {
  return typeof object === 'object' && object !== null && 'metadata' in object ? object.metadata : undefined;
}

function codeOf(object: unknown): number {
  return typeof object === 'object' && object !== null && 'code' in object ? Number(object.code) : 0;
}
