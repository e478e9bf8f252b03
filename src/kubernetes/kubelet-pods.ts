import { MAX_LIST_BYTES, objectOf, type PodFeed, type PodFeedSetting } from './pod-feed.ts';

/** How often the kubelet is asked … */
const POLL_MS = 30_000;
/** … and when somebody looks for a pod that is new. */
const MIN_POLL_MS = 1000;

/** The pods of a node by its kubelet, which has no watch: its list is asked for. */
export class KubeletPods implements PodFeed {
  readonly #setting: PodFeedSetting;
  #isWanted = false;
  #wake: AbortController | undefined;

  constructor(setting: PodFeedSetting) {
    this.#setting = setting;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#setting;
    while (!signal.aborted) {
      this.#isWanted = false;
      await this.#ask(signal);
      await clock.sleep(MIN_POLL_MS, signal);
      if (this.#isWanted || signal.aborted) continue;
      this.#wake = new AbortController();
      await clock.sleep(POLL_MS - MIN_POLL_MS, AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = undefined;
    }
  }

  want(): void {
    this.#isWanted = true;
    this.#wake?.abort();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const { client, store, parse, count, trouble } = this.#setting;
    const headers = { accept: 'application/json' };
    const request = { method: 'GET', path: '/pods', headers, maxResponseBytes: MAX_LIST_BYTES } as const;
    const list = objectOf(await client.send(request, signal));
    const items = typeof list === 'string' ? undefined : list['items'];
    count('list', Array.isArray(items) ? 'ok' : 'failed');
    if (signal.aborted) return;
    if (!Array.isArray(items)) return trouble(typeof list === 'string' ? list : 'the answer is no list of pods');
    store.replace(items.map(parse).filter((pod) => pod !== undefined));
  }
}
