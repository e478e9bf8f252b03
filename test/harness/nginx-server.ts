import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { temporaryFolder } from './files.ts';
import { freePort } from './free-port.ts';
import { findProgram, startServer } from './server-process.ts';

/** That of Debian's package. */
export const nginxProgram = findProgram('nginx', 'nginx-light');

/** Starts a real nginx on a free port with these locations; its `host:port`. */
export async function startNginx(t: Cleanup, locations: string): Promise<string> {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  const config = `
    daemon off; pid ${join(folder, 'pid')}; error_log stderr; worker_processes 1;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { worker_connections 64; }
    http {
      access_log off; ${temporary.join(' ')}
      server { listen 127.0.0.1:${port}; ${locations} }
    }`;
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, config);
  await startServer(t, nginxProgram, ['-c', path, '-p', folder, '-e', 'stderr'], [port]);
  return `127.0.0.1:${port}`;
}
