import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ADMIN } from './admin.ts';
import { sinkTo } from './agent-setting.ts';
import { temporaryFolder } from './files.ts';
import { OtlpBackend } from './otlp-backend.ts';

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
    sinks: { backend: sinkTo(backend, changes.sink) },
    ...changes.top,
  };
  return { folder, logs, backend, config };
}
