import type { EventEmitter } from 'node:events';

/** The end of an IPC channel that a child process holds: `process`, where it was started with one. */
export interface IpcHost extends EventEmitter {
  readonly connected: boolean;
  send?(message: object, done: (error: Error | null) => void): boolean;
}

/** The way from a process of the demo to the one that started it. */
export class ParentLink<Order extends { kind: string }, Message extends object> {
  /** Aborts when the parent is gone or has closed the channel. */
  readonly closed: AbortSignal;
  readonly #host: IpcHost;

  constructor(host: IpcHost) {
    const closing = new AbortController();
    this.#host = host;
    this.closed = closing.signal;
    if (!host.connected) closing.abort();
    host.once('disconnect', () => closing.abort());
  }

  /** Says something to the parent; nothing happens when it is gone. */
  tell(message: Message): void {
    if (this.#host.connected) this.#host.send?.(message, () => {});
  }

  /** Calls `handle` with each order of the parent, which is a process of the same program and trusted. */
  onOrder(handle: (order: Order) => void): void {
    this.#host.on('message', handle);
  }
}
