import { printable } from '../core/printable.ts';
import { type Answer, type Endpoint, json, text } from '../serving/http-listener.ts';
import { type HealthCheck, isHealthy, startChecks } from './health.ts';

/**
 * The probes of Kubernetes, which take a status of 200 for yes.
 *
 * - `/startupz`: every source has looked at its folders, and watches them; sinks are built. What the application writes
 *   from then on is seen at once.
 * - `/readyz`: the same, for as long as the agent lives, and that the application is up where a source `health` shall
 *   say so. No backend can take a pod out of its service.
 * - `/livez`: the event loop turns, or nobody would answer.
 *
 * With `?verbose` (text), or `?verbose=json`, they say what they looked at; a probe that fails says so unasked.
 * `hasCauses` adds what the system and peers said, which is not for everybody.
 */
export function probes(
  health: () => readonly HealthCheck[],
  { hasCauses }: { readonly hasCauses: boolean },
): [string, Endpoint][] {
  return [
    ['/startupz', probe(() => startChecks(health()), hasCauses)],
    ['/readyz', probe(health, hasCauses)],
    ['/livez', { method: 'GET', answer: () => text('ok\n') }],
  ];
}

function probe(health: () => readonly HealthCheck[], hasCauses: boolean): Endpoint {
  return {
    method: 'GET',
    answer(query) {
      const checks = health().map(({ name, status, detail, cause }) => ({
        ...{ name, status, detail },
        ...(hasCauses && cause ? { cause } : {}),
      }));
      const isOk = isHealthy(checks);
      const outcome = isOk ? 'ok' : 'not ready';
      const verbose = query.get('verbose');
      if (verbose === 'json') return withStatus(isOk, json({ status: outcome, checks }));
      const lines = verbose !== null || !isOk ? checks.map(formatCheck) : [];
      return withStatus(isOk, text([outcome, ...lines].map((line) => `${line}\n`).join('')));
    },
  };
}

function withStatus(isOk: boolean, answer: Answer): Answer {
  return { ...answer, status: isOk ? 200 : 503 };
}

const MARKS: Record<HealthCheck['status'], string> = { passed: '[+]', failed: '[-]', noted: '[!]' };

function formatCheck({ name, status, detail, cause }: HealthCheck): string {
  return `${MARKS[status]} ${printable(name)}: ${detail}${cause === undefined ? '' : `: ${printable(cause)}`}`;
}
