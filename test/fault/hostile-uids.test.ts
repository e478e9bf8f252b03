import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { sinkTo } from '../harness/agent-setting.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

const root = join(import.meta.dirname, '../..');
const CANARY = 'canary-of-the-service-account';
/** Nobody's accounts, but not one and the same. */
const AGENT = 65_532;
const APPLICATION = 10_001;
const SWAPS = '4000';
/** An access long ago, and before the last change: the next read of the file moves it, unless the disk keeps none. */
const LONG_AGO_S = 1_000_000_000;

const skip =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'platform: only root becomes two others on Linux';

test('SEC-01 SEC-02 an application with an account of its own plants and swaps what it can: the agent, with another one, reads nothing outside the volume, and all that is honest', {
  skip,
  timeout: 200_000,
}, async (t) => {
  const { node, main, script, folder } = await install(t);
  const [logs, outside, state] = ['logs', 'outside', 'state'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [logs, outside, state]) mkdirSync(path);
  // As the kubelet makes an emptyDir; and what only the agent may read, as the token of its service account.
  chmodSync(logs, 0o777);
  chownSync(state, AGENT, AGENT);
  const secrets = ['token', 'token.gz', 'app.log'].map((name) => join(outside, name));
  for (const path of secrets) {
    writeFileSync(path, path.endsWith('.gz') ? gzipSync(`${CANARY}\n`) : `${CANARY}\n`, { mode: 0o400 });
    chownSync(path, AGENT, AGENT);
    utimesSync(path, LONG_AGO_S, LONG_AGO_S + 1);
  }
  const backend = await OtlpBackend.open(t);
  const config = {
    state,
    sources: { app: { type: 'file', include: [join(logs, '**/*')], poll_interval: '10ms', rotate_wait: '50ms' } },
    pipelines: { logs: { from: ['app'], to: ['backend'] } },
    sinks: { backend: sinkTo(backend) },
  };
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const args = [main, 'run', '--config', join(folder, 'pillion.yaml')];
  const agent = start(t, node, args, AGENT, folder, { SECRET: CANARY });
  const hasBegun = (): boolean => agent.stderr().includes('Agent started.') || agent.child.exitCode !== null;
  await until('the agent runs', hasBegun, 60_000);
  assert.match(agent.stderr(), /Agent started/);
  assert.match(readFileSync(`/proc/${agent.child.pid}/status`, 'utf8'), /^Uid:\t65532\t65532\t65532\t65532$/m);

  const application = start(t, node, [script, logs, outside, String(agent.child.pid), SWAPS], APPLICATION, logs);
  const [code] = (await once(application.child, 'close')) as [number];
  assert.equal(code, 0, application.stderr());
  const { lines, planted } = JSON.parse(application.stdout()) as { lines: string[]; planted: string[] };
  t.diagnostic(`${planted.length} plants, ${lines.length} honest lines beside ${SWAPS} swaps of a file and a folder`);
  assert.ok(planted.length >= 20, planted.join());

  const bodies = (): Set<unknown> => new Set(backend.arrivals.map(({ record }) => record.body));
  await until('all that is honest arrives', () => lines.every((line) => bodies().has(line)), 60_000);
  agent.child.kill('SIGTERM');
  const [exit] = (await once(agent.child, 'close')) as [number];
  assert.equal(exit, 0, agent.stderr());

  const honest = new Set([...lines, 'honest swap']);
  assert.deepEqual(
    [...bodies()].filter((body) => !honest.has(String(body))),
    [],
  );
  const kept = globSync('**', { cwd: state, withFileTypes: true }).filter((entry) => entry.isFile());
  const everything = [
    agent.stdout(),
    agent.stderr(),
    JSON.stringify(
      backend.arrivals.map(({ record, resource }) => [record.body, [...record.attributes], [...resource]]),
      (_, value) => (typeof value === 'bigint' ? String(value) : value),
    ),
    ...kept.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')),
  ];
  for (const text of everything) assert.ok(!text.includes(CANARY));
  assertUntouched(secrets);
});

/** Nobody has read one of the files: a read now moves the time of access, which none has done before. */
function assertUntouched(paths: readonly string[]): void {
  for (const path of paths) {
    const accessMs = statSync(path).atimeMs;
    readFileSync(path);
    const isKept = statSync(path).atimeMs !== accessMs || accessMs !== LONG_AGO_S * 1000;
    if (isKept) assert.equal(accessMs, LONG_AGO_S * 1000, `${path} was read`);
  }
}

/** A program that other accounts may run, wherever the repository lies. */
async function install(t: TestContext): Promise<{ node: string; main: string; script: string; folder: string }> {
  const folder = realpathSync(temporaryFolder(t));
  chmodSync(folder, 0o755);
  const [node, dist, script] = ['node', 'dist', 'application.ts'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  copyFileSync(join(import.meta.dirname, 'hostile-uids/application.ts'), script);
  await promisify(execFile)(process.execPath, [join(root, 'tools/build.ts'), dist]);
  assert.ok(existsSync(join(dist, 'main.js')));
  return { node, main: join(dist, 'main.js'), script, folder };
}

interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
}

function start(
  t: TestContext,
  command: string,
  args: readonly string[],
  account: number,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Running {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const options = { uid: account, gid: account, cwd, env: { PATH: process.env['PATH'], ...env }, stdio: [...stdio] };
  const child = spawn(command, args, options);
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (part: string) => (text[stream] += part));
  }
  t.after(() => void child.kill('SIGKILL'));
  return { child, stdout: () => text.stdout, stderr: () => text.stderr };
}
