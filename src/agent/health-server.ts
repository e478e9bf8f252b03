import type { ListenAddress } from '../component/options.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { HttpListener } from '../serving/http-listener.ts';
import { EXPOSITION_TYPE } from '../telemetry/exposition.ts';
import type { HealthCheck } from './health.ts';
import { probes } from './probes.ts';

/** What can be asked of an agent from outside its pod. */
export interface HealthApi {
  health(): readonly HealthCheck[];
  /** Its own metrics, in Prometheus' text format. */
  metrics(): string;
  /** Is told of an endpoint that failed: a bug. */
  onError(path: string, error: unknown): void;
}

/**
 * Answers the probes of the kubelet and the scrapes of Prometheus, to whoever reaches the address: it can be asked for
 * nothing that changes anything, and says nothing of what is in the logs.
 */
export async function listenForProbes(address: ListenAddress, api: HealthApi): Promise<HttpListener> {
  const paths = new Map([
    ...probes(() => api.health(), { hasCauses: false }),
    ['/metrics', { method: 'GET', answer: () => ({ type: EXPOSITION_TYPE, body: api.metrics() }) }] as const,
  ]);
  try {
    return await HttpListener.listen(address, { paths, onError: api.onError });
  } catch (cause) {
    throw new OperatorError({
      code: 'ERR_HEALTH_LISTEN',
      message: `Cannot listen on health address "${address.host ?? ''}:${address.port}": ${messageOf(cause)}`,
      hint: 'Give "health.listen" a port that is free; the containers of a pod share their ports',
      cause,
    });
  }
}
