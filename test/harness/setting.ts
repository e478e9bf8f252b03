import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ADMIN } from './admin.ts';
import { temporaryFolder } from './files.ts';
import { OtlpBackend } from './otlp-backend.ts';

/** Records of one request, and requests that wait for their answers: what can be sent twice by a kill. */
export const MAX_REQUEST_RECORDS = 100;
export const MAX_IN_FLIGHT = 4;

/** What differs from the usual configuration, by its parts. */
export interface Changes {
  readonly top?: object;
  readonly source?: object;
  readonly pipeline?: object;
  readonly sink?: object;
}

/** A folder with `logs/` in it, a backend, and the configuration of an agent that reads `logs/*.log`. */
export interface Setting {
  readonly folder: string;
  readonly logs: string;
  readonly backend: OtlpBackend;
  readonly config: object;
}

/** Prepares an agent with small requests and short waits, whose admin address answers. */
export async function prepare(t: TestContext, changes: Changes = {}): Promise<Setting> {
  const folder = temporaryFolder(t);
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const backend = await OtlpBackend.open(t);
  const config = {
    state: join(folder, 'state'),
    admin: ADMIN,
    sources: { app: { type: 'file', include: [join(logs, '*.log')], poll_interval: '20ms', ...changes.source } },
    pipelines: { logs: { from: ['app'], to: ['backend'], ...changes.pipeline } },
    sinks: {
      backend: {
        type: 'otlp',
        endpoint: backend.endpoint,
        flush_interval: '20ms',
        max_request_records: MAX_REQUEST_RECORDS,
        max_in_flight: MAX_IN_FLIGHT,
        retry: { initial_interval: '20ms', max_interval: '100ms' },
        ...changes.sink,
      },
    },
    ...changes.top,
  };
  return { folder, logs, backend, config };
}
