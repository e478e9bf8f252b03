import { type ChildProcess, spawn } from 'node:child_process';

/** How much of what a process said is kept. */
const LAST_WORDS_CHARS = 4000;

/**
 * A process of the demo. It is started in a process group of its own, so that Ctrl-C, which a terminal sends to the
 * whole group, reaches only the demo: it ends the others in their order.
 */
export class DemoChild<Order extends object, Message extends { kind: string }> {
  /** Resolves when the process has ended and said all, with how: `exit code 0` or `SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  /** Resolves when the process has written something, or has ended. */
  readonly spoken: Promise<unknown>;
  readonly #process: ChildProcess;
  #lastWords = '';
  #mayEnd = false;

  /** Starts `node <args>`. `hasChannel`: whether it speaks IPC. */
  constructor(args: readonly string[], options: { hasChannel: boolean; env: NodeJS.ProcessEnv }) {
    this.#process = spawn(process.execPath, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', options.hasChannel ? 'ipc' : 'ignore'],
      env: options.env,
    });
    const speaking = Promise.withResolvers<void>();
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => {
        this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_CHARS);
        speaking.resolve();
      });
    }
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message));
      this.#process.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.spoken = Promise.race([speaking.promise, this.ended]);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The end of what it wrote to its standard output and error. */
  get lastWords(): string {
    return this.#lastWords.trim();
  }

  /** Calls `onSurprise`, with how, when the process ends without being asked to. */
  watch(onSurprise: (how: string) => void): void {
    void this.ended.then((how) => {
      if (!this.#mayEnd) onSurprise(how);
    });
  }

  /** Says something to the process; nothing happens when it has ended. */
  tell(order: Order): void {
    if (this.#process.connected) this.#process.send(order, () => {});
  }

  /** Calls `handle` with each message of one kind. */
  onMessage<Kind extends Message['kind']>(kind: Kind, handle: (message: MessageOf<Message, Kind>) => void): void {
    this.#process.on('message', (message) => {
      if ((message as Message).kind === kind) handle(message as MessageOf<Message, Kind>);
    });
  }

  /** The next message of one kind. Waits for ever when the process ends first: that is for `watch()` to tell. */
  next<Kind extends Message['kind']>(kind: Kind): Promise<MessageOf<Message, Kind>> {
    return new Promise((resolve) => {
      const onMessage = (message: unknown): void => {
        if ((message as Message).kind !== kind) return;
        this.#process.off('message', onMessage);
        resolve(message as MessageOf<Message, Kind>);
      };
      this.#process.on('message', onMessage);
    });
  }

  /** Lets the process end when it likes: it has said its last word. */
  release(): void {
    this.#mayEnd = true;
  }

  /** Sends SIGTERM and resolves with how the process ended. */
  terminate(): Promise<string> {
    this.#mayEnd = true;
    this.#process.kill('SIGTERM');
    return this.ended;
  }

  /** Ends the process at once, if it has not ended. */
  async kill(): Promise<void> {
    this.#mayEnd = true;
    this.#process.kill('SIGKILL');
    await this.ended;
  }
}

type MessageOf<Message extends { kind: string }, Kind> = Extract<Message, { kind: Kind }>;
