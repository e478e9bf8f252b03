/** What is to be done when it is over: a test's context, or the list of a program that is no test. */
export interface Cleanup {
  after(task: () => void | Promise<void>): void;
}

/** The list of a program; what was added last is done first. */
export class CleanupList implements Cleanup, AsyncDisposable {
  readonly #tasks: (() => void | Promise<void>)[] = [];

  after(task: () => void | Promise<void>): void {
    this.#tasks.push(task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) await task();
  }
}
