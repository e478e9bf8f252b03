import type { IncomingMessage } from 'node:http';
import type { LoopbackAddress } from '../component/options.ts';
import { messageOf, OperatorError } from '../core/errors.ts';
import { type Answer, type Endpoint, HttpListener, json, text } from '../serving/http-listener.ts';
import { type HealthApi, metricsOf } from './health-server.ts';
import { probes } from './probes.ts';
import type { ReloadResult } from './reload-report.ts';

/** What can be asked of an agent from beside it. */
export interface AdminApi extends HealthApi {
  /** Everything that the agent knows of its work; it is sent as JSON. */
  ledger(): unknown;
  /** What the lines look like that stages could not read; it is sent as JSON. */
  unmatched(): unknown;
  /** Has it send eagerly from now on. */
  sendEagerly(): void;
  /** Has it read its configuration again, and take over what is new in it; undefined: it has no file of its own. */
  readonly reload: (() => Promise<ReloadResult>) | undefined;
}

function endpoints(api: AdminApi): [string, Endpoint][] {
  return [
    ...probes(api, { hasCauses: true }),
    ['/ledger', { method: 'GET', answer: () => fresh(api, () => json(api.ledger())) }],
    ['/unmatched', { method: 'GET', answer: () => fresh(api, () => json(api.unmatched())) }],
    ['/metrics', metricsOf(api)],
    [
      '/-/drain',
      {
        method: 'POST',
        answer: () => {
          api.sendEagerly();
          return text('ok\n');
        },
      },
    ],
    ['/-/reload', { method: 'POST', answer: () => answerReload(api) }],
  ];
}

async function fresh(api: AdminApi, answer: () => Answer): Promise<Answer> {
  await api.refresh?.();
  return answer();
}

/** 200: the configuration in the file is in force; 422: it cannot be, and the answer says why. */
async function answerReload({ reload }: AdminApi): Promise<Answer> {
  if (reload === undefined) return { status: 409, ...text('The agent was started without a configuration file\n') };
  const result = await reload();
  return { status: result.result === 'failed' ? 422 : 200, ...json(result) };
}

/** Names under which a browser, or anybody else, asks for this machine itself. */
const LOOPBACK_HOST = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Answers questions about one agent over HTTP, on a loopback address only: to whoever can run a process beside it.
 * Rejects with an OperatorError when the address cannot be had.
 *
 * A web page in a browser on the same machine can send requests to loopback addresses, too; so who comes with an
 * `Origin`, or asks for another host (DNS rebinding), is refused.
 */
export async function listenForAdmin({ host, port }: LoopbackAddress, api: AdminApi): Promise<HttpListener> {
  const paths = new Map(endpoints(api));
  try {
    return await HttpListener.listen({ host, port }, { paths, refuse, onError: api.onError });
  } catch (cause) {
    throw new OperatorError({
      code: 'ERR_ADMIN_LISTEN',
      message: `Cannot listen on admin address ${JSON.stringify(`${host}:${port}`)}: ${messageOf(cause)}`,
      hint: 'Give "admin.listen" a port that is free; the containers of a pod share their ports',
      cause,
    });
  }
}

function refuse({ headers }: IncomingMessage): string | undefined {
  const isFromBeside = headers.origin === undefined && LOOPBACK_HOST.test(headers.host ?? '');
  return isFromBeside ? undefined : 'Only for this machine, and not for web pages';
}
