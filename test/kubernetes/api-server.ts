import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { httpServer, listen, type TestServer } from '../delivery/servers.ts';
import type { Cleanup } from '../harness/cleanup.ts';
import { type PodModel, podObject } from './fixtures.ts';

interface Event {
  readonly version: number;
  readonly line: string;
}

/**
 * A server that answers lists and watches of pods as the API server does, and a kubelet's `/pods`: versions that grow
 * with every change, a history of which the beginning is forgotten, events behind the version that is asked for.
 */
export class ApiServer {
  /** The paths that were asked for, decoded. */
  readonly requests: string[] = [];
  /** What the server does with the next requests, before it does anything else. */
  readonly faults: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
  /** The token that it takes; undefined: it asks for none. */
  token: string | undefined;
  /** How many pods are in a page of a list, whatever is asked for. */
  page = 1000;
  #server: TestServer | undefined;
  #version = 100;
  /** Events up to this version are forgotten. */
  #oldest = 100;
  readonly #pods = new Map<string, Record<string, unknown>>();
  readonly #events: Event[] = [];
  readonly #watches = new Set<ServerResponse>();

  /** Starts one that ends with the test; with TLS where `tls` is given. */
  static async start(context: Cleanup, tls?: ServerOptions): Promise<ApiServer> {
    const api = new ApiServer();
    const handle: RequestListener = (request, response) => api.#handle(request, response);
    api.#server = await (tls === undefined ? httpServer(context, handle) : listen(context, createServer(tls, handle)));
    return api;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get watches(): number {
    return this.#watches.size;
  }

  put(model: PodModel): void {
    const type = this.#pods.has(model.uid) ? 'MODIFIED' : 'ADDED';
    const pod = podObject({ ...model, version: String(++this.#version) });
    this.#pods.set(model.uid, pod);
    this.#tell(type, pod);
  }

  remove(uid: string): void {
    const pod = this.#pods.get(uid);
    this.#pods.delete(uid);
    this.#version++;
    this.#tell('DELETED', {
      ...pod,
      metadata: { ...(pod?.['metadata'] as object), resourceVersion: String(this.#version) },
    });
  }

  /** Tells all watches how far things are. */
  bookmark(): void {
    this.#tell('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: String(this.#version) } });
  }

  /** Forgets what has happened so far: a watch from an older version is answered with 410. */
  compact(): void {
    this.#oldest = ++this.#version;
    this.#events.length = 0;
  }

  /** Writes to all watches what is no event of the API. */
  say(text: string): void {
    for (const watch of this.#watches) watch.write(text);
  }

  /** Ends all watches; `rudely`: without an end of the answer. */
  closeWatches(rudely = false): void {
    for (const watch of this.#watches) {
      this.#watches.delete(watch);
      if (rudely) watch.destroy();
      else watch.end();
    }
  }

  #tell(type: string, object: Record<string, unknown>): void {
    const event = { version: this.#version, line: `${JSON.stringify({ type, object })}\n` };
    if (type !== 'BOOKMARK') this.#events.push(event);
    for (const watch of this.#watches) watch.write(event.line);
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://api');
    this.requests.push(decodeURIComponent(request.url ?? ''));
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401).end();
      return;
    }
    const fault = this.faults.shift();
    if (fault !== undefined) fault(request, response);
    else if (url.pathname === '/pods') this.#list(url, response);
    else if (url.pathname !== '/api/v1/pods' || url.searchParams.get('fieldSelector') !== 'spec.nodeName=node-1') {
      response.writeHead(404).end();
    } else if (url.searchParams.has('watch')) this.#watch(url, response);
    else this.#list(url, response);
  }

  #list(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('continue') ?? 0);
    const all = [...this.#pods.values()];
    const more = from + this.page < all.length ? { continue: String(from + this.page) } : {};
    const metadata = { resourceVersion: String(this.#version), ...more };
    response.end(JSON.stringify({ kind: 'PodList', metadata, items: all.slice(from, from + this.page) }));
  }

  #watch(url: URL, response: ServerResponse): void {
    const version = Number(url.searchParams.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (version < this.#oldest) {
      const status = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 };
      response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
      return;
    }
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
    for (const event of this.#events) if (event.version > version) response.write(event.line);
  }
}
