import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../../src/agent/patience.ts';
import type { Sink, SinkState } from '../../src/core/contracts.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';

/** A sink of which nothing but its state matters. */
function sinkIn(state: () => SinkState): Sink {
  return {
    get state() {
      return state();
    },
    write: () => true,
    ready: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

const READY: SinkState = { kind: 'ready' };
const RETRYING: SinkState = { kind: 'retrying', message: 'answered 503', sinceMs: 0 };

for (const { name, state, isKnownLate = false, waitMs } of [
  { name: 'eight seconds where its sinks deliver', state: READY, waitMs: 8000 },
  { name: 'a second where one does not', state: RETRYING, waitMs: 1000 },
  { name: 'a second where one in another thread does not', state: RETRYING, isKnownLate: true, waitMs: 1000 },
]) {
  test(`waitFor() has patience for ${name}`, async () => {
    const clock = new FakeClock();
    let known = isKnownLate ? READY : state;
    const refresh = async (): Promise<void> => {
      known = state;
    };
    let result: boolean | undefined;
    const never = new Promise<void>(() => {});
    const stop = new AbortController().signal;
    void waitFor(never, [sinkIn(() => known)], { clock, stop, refresh }).then((isDone) => (result = isDone));
    await clock.advance(waitMs - 1);
    assert.equal(result, undefined);
    await clock.advance(1);
    assert.equal(result, false);
  });
}
