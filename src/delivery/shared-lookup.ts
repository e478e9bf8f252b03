import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Callback = Parameters<LookupFunction>[2];

/**
 * A `dns.lookup()` that asks once for all who want the same address at the same time. Remembers nothing: the next
 * connection gets the address of its moment.
 *
 * A look-up takes a thread out of libuv's pool (eight, see `main.ts`), which the reading of files shares, until the
 * system's resolver gives up: half a minute, while a request gives up after ten seconds and tries again. So requests
 * alone would fill the threads that libuv lets look-ups have (half of them). With this a sink never takes more than one.
 */
export function sharedLookup(
  lookup: (host: string, options: LookupOptions, callback: Callback) => void = dnsLookup,
): LookupFunction {
  const waiting = new Map<string, Callback[]>();
  return (host, options, callback) => {
    const key = JSON.stringify([host, options.family, options.hints, options.all]);
    const callbacks = waiting.get(key);
    if (callbacks !== undefined) {
      callbacks.push(callback);
      return;
    }
    const own = [callback];
    waiting.set(key, own);
    lookup(host, options, (error, address, family) => {
      waiting.delete(key);
      for (const callback of own) callback(error, address, family);
    });
  };
}

function dnsLookup(host: string, options: LookupOptions, callback: Callback): void {
  const { lookup } = process.getBuiltinModule('node:dns');
  lookup(host, options, (error, address: string | LookupAddress[], family) => callback(error, address, family));
}
