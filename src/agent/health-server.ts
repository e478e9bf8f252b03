import type { ListenAddress } from '../component/options.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { type Endpoint, HttpListener } from '../serving/http-listener.ts';
import { EXPOSITION_TYPE } from '../telemetry/exposition.ts';
import type { HealthCheck } from './health.ts';
import { probes } from './probes.ts';

/** What can be asked of an agent from outside its pod. */
export interface HealthApi {
  health(): readonly HealthCheck[];
  /** Its own metrics, in Prometheus' text format. */
  metrics(): string;
  /** Brings up to date what is answered here; left out: it always is. */
  refresh?(): Promise<void>;
  /** Resolves once each thread has answered; left out: there is none but this one. */
  alive?(): Promise<void>;
  /** Is told of an endpoint that failed: a bug. */
  onError(path: string, error: unknown): void;
}

/** The endpoint of the agent's own metrics. */
export function metricsOf(api: HealthApi): Endpoint {
  return {
    method: 'GET',
    async answer() {
      await api.refresh?.();
      return { type: EXPOSITION_TYPE, body: api.metrics() };
    },
  };
}

/**
 * Answers the probes of the kubelet and the scrapes of Prometheus, to whoever reaches the address: it can be asked for
 * nothing that changes anything, and says nothing of what is in the logs.
 */
export async function listenForProbes(address: ListenAddress, api: HealthApi): Promise<HttpListener> {
  const paths = new Map([...probes(api, { hasCauses: false }), ['/metrics', metricsOf(api)] as const]);
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
