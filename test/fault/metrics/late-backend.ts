import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cleanup } from '../../harness/cleanup.ts';
import type { Random } from '../../harness/random.ts';

/** How many of twenty requests are asked to come again. */
const REFUSED = 1;

/**
 * A backend that takes everything, and answers late and in any order, so that what is settled has gaps. Resolves with
 * its base URL.
 */
export async function startLateBackend(cleanup: Cleanup, random: Random, maxDelayMs: number): Promise<string> {
  const server = createServer(async (request, response) => {
    request.resume();
    await wait(random.between(0, maxDelayMs));
    const isRefused = random.between(1, 20) <= REFUSED;
    response.writeHead(isRefused ? 503 : 200, { 'content-type': 'application/x-protobuf' }).end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  cleanup.after(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}
