import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bodyOf, httpServer } from '../delivery/servers.ts';
import { adminOf } from '../harness/admin.ts';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { startProxy } from '../harness/connect-proxy.ts';
import { prepare } from '../harness/setting.ts';

const SECRETS = {
  written: 'written-0secret',
  variable: 'variable-1secret',
  apiKey: 'apikey-2secret',
  token: 'token-3secret',
  password: 'password-4secret',
  client: 'client-5secret',
  issued: 'issued-6secret',
  proxy: 'proxy-7secret',
  query: 'query-8secret',
};

const VARIABLE = ['$', '{VARIABLE_KEY}'].join('');

/** As they stand in headers. */
const ENCODED = [
  Buffer.from(`user:${SECRETS.password}`).toString('base64'),
  Buffer.from(`pillion:${SECRETS.client}`).toString('base64'),
  Buffer.from(`me:${SECRETS.proxy}`).toString('base64'),
];

test('no secret is in anything that the agent says, also when peers repeat what they were sent', async (t) => {
  const { folder, logs, config } = await prepare(t, {});
  const seen: string[] = [];
  /** Refuses every request, and says back all that it was shown. */
  const gossip = await httpServer(t, async (request, response) => {
    const body = (await bodyOf(request)).toString('latin1');
    const shown = [...Object.values(request.headers), ...Object.values(request.headers).map(decoded)].join(' ');
    seen.push(`${shown} ${body}`);
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
    if (isForm && seen.length < 30) {
      response.end(JSON.stringify({ access_token: SECRETS.issued, expires_in: 60 }));
      return;
    }
    response.writeHead(seen.length % 2 === 0 ? 401 : 500, { 'content-type': 'text/plain' }).end(`no: ${shown} ${body}`);
  });
  const proxy = await startProxy(t, `me:${SECRETS.proxy}`);
  const files = join(folder, 'secrets');
  mkdirSync(files);
  const file = (name: keyof typeof SECRETS): string => {
    writeFileSync(join(files, name), `${SECRETS[name]}\n`);
    return join(files, name);
  };
  const sink = (more: object) => ({
    type: 'otlp',
    logs_endpoint: `http://backend.test:${gossip.port}/x?key=${SECRETS.query}`,
    compression: 'none',
    flush_interval: '10ms',
    retry: { initial_interval: '20ms', max_interval: '50ms' },
    server_error_patience: '200ms',
    dead_letter: join(folder, 'rejected.jsonl'),
    ...more,
  });
  const sinks = {
    written: sink({ headers: { authorization: `Bearer ${SECRETS.written}`, 'x-token': VARIABLE } }),
    files: sink({ headers_from_files: { 'x-api-key': file('apiKey') }, dead_letter: undefined }),
    bearer: sink({ bearer_token_file: file('token'), dead_letter: undefined }),
    basic: sink({ basic_auth: { username: 'user', password_file: file('password') }, dead_letter: undefined }),
    oauth: sink({
      dead_letter: undefined,
      oauth2: {
        token_url: `http://authority.test:${gossip.port}/token`,
        client_id: 'pillion',
        client_secret_file: file('client'),
      },
    }),
  };
  const env = { HTTP_PROXY: `http://me:${SECRETS.proxy}@127.0.0.1:${proxy.port}`, VARIABLE_KEY: SECRETS.variable };
  const pipelines = { logs: { from: ['app'], to: Object.keys(sinks) } };
  writeFileSync(join(logs, 'app.log'), 'one\ntwo\n');
  const agent = await startAgent(
    t,
    folder,
    { ...config, sinks, pipelines, log_level: 'debug', drain_timeout: '1s' },
    { env },
  );
  const all = Object.entries(SECRETS).filter(([name]) => name !== 'query' && name !== 'proxy');
  await agent.until('every secret was sent', () =>
    all.every(([, secret]) => seen.some((text) => text.includes(secret))),
  );
  await agent.until('requests went through the proxy', () =>
    proxy.requests.some((line) => line.includes('backend.test')),
  );
  await agent.until('what peers say is in the log', () => agent.stderr.includes('[secret]'));
  const address = await adminOf(agent);
  const said: string[] = [];
  for (const path of ['/metrics', '/ledger', '/unmatched'])
    said.push(await (await fetch(`http://${address}${path}`)).text());
  const admin = { ...config, sinks, pipelines, admin: { listen: address } };
  writeFileSync(join(folder, 'admin.json'), JSON.stringify(admin));
  for (const command of [['status'], ['status', '--json'], ['check']]) {
    const { stdout, stderr } = await runPillion(t, [...command, '--config', 'admin.json'], { cwd: folder, env });
    said.push(stdout, stderr);
  }
  await agent.end('SIGTERM');
  said.push(agent.stdout, agent.stderr, readFileSync(join(folder, 'state/checkpoint'), 'latin1'));
  said.push(readFileSync(join(folder, 'rejected.jsonl'), 'utf8'));

  for (const secret of [...Object.values(SECRETS), ...ENCODED]) {
    for (const text of said) assert.ok(!text.includes(secret), `${secret} is shown:\n${around(text, secret)}`);
  }
});

function decoded(value: string | string[] | undefined): string {
  const [, encoded] = /^Basic (.+)$/.exec(String(value)) ?? [];
  return encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
}

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return text.slice(Math.max(0, at - 300), at + 300);
}
