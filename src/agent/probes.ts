import { printable } from '../core/printable.ts';
import { type Answer, type Endpoint, json, text } from '../serving/http-listener.ts';
import { type HealthCheck, isHealthy, startChecks } from './health.ts';

/** What probes ask; see `HealthApi`. */
export interface ProbedAgent {
  health(): readonly HealthCheck[];
  refresh?(): Promise<void>;
  alive?(): Promise<void>;
}

/**
 * The probes of Kubernetes, which take a status of 200 for yes.
 *
 * - `/startupz`: every source has looked at its folders, and watches them; sinks are built. What the application writes
 *   from then on is seen at once.
 * - `/readyz`: the same, for as long as the agent lives, and that the application is up where a source `health` shall
 *   say so. No backend can take a pod out of its service.
 * - `/livez`: the event loop turns, or nobody would answer; those of worker threads, too.
 *
 * With `?verbose` (text), or `?verbose=json`, they say what they looked at; a probe that fails says so unasked.
 * `hasCauses` adds what the system and peers said, which is not for everybody.
 */
export function probes(api: ProbedAgent, { hasCauses }: { readonly hasCauses: boolean }): [string, Endpoint][] {
  return [
    ['/startupz', probe(api, startChecks, hasCauses)],
    ['/readyz', probe(api, (checks) => checks, hasCauses)],
    ['/livez', { method: 'GET', answer: () => live(api) }],
  ];
}

async function live({ alive }: ProbedAgent): Promise<Answer> {
  await alive?.();
  return text('ok\n');
}

function probe(
  api: ProbedAgent,
  choose: (checks: readonly HealthCheck[]) => readonly HealthCheck[],
  hasCauses: boolean,
): Endpoint {
  return {
    method: 'GET',
    async answer(query) {
      await api.refresh?.();
      const checks = choose(api.health()).map(({ name, status, detail, cause }) => ({
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
