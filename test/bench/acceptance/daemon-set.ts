import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { type Attributes, decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { CleanupList } from '../../harness/cleanup.ts';
import { type LoggedContainer, NodeLogs } from '../../harness/node-logs.ts';
import { ApiServer } from '../../kubernetes/api-server.ts';
import { Agent, type Check, say } from './setting.ts';

const PODS = 200;
const TICK_MS = 100;
const LINES_PER_TICK = 3;
/** A container is rotated once so many lines were written: `containerLogMaxSize`, made small. */
const LINES_PER_FILE = 400;
/** How often the kubelet looks: `containerLogMonitorInterval`, made short. */
const ROTATE_MS = 2000;
/** How often pods go and come, and how many. */
const CHURN_MS = 1000;
const CHURN_PODS = 2;
/** A container that has ended is there for so long before its pod is deleted. */
const GRACE_MS = 2000;
const RESTART_MS = 500;
const MAX_HANDLES = 2 * PODS + 200;

interface RunningPod extends LoggedContainer {
  readonly number: number;
  restarts: number;
  lines: number;
  linesInFile: number;
}

/** What is to arrive: how many lines each pod wrote, and into which log. */
type Written = Map<string, number>;

/** A node of 200 pods that write, are rotated as the kubelet does it, restart, come and go. */
export async function daemonSet(folder: string, seconds: number): Promise<Check[]> {
  await using cleanups = new CleanupList();
  const bodies: Buffer[] = [];
  const backend = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end();
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  try {
    const api = await ApiServer.start(cleanups);
    const root = join(folder, 'pods');
    mkdirSync(root);
    writeFileSync(join(folder, 'token'), 'token');
    const server = `http://127.0.0.1:${api.port}`;
    const kubernetes = { metadata: 'api', server, token_file: join(folder, 'token'), labels: ['tier'] };
    const source = { include: [`${root}/*/*/*.log`], kubernetes };
    const agent = new Agent(folder, (backend.address() as AddressInfo).port, source, { K8S_NODE_NAME: 'node-1' });
    await agent.started();
    const written: Written = new Map();
    const handles = await live(new NodeLogs(root), api, agent, written, seconds);
    const memoryBytes = agent.memoryBytes();
    const exit = await agent.end('SIGTERM');
    const report = compare(written, bodies);
    say(`${report.records} records of ${written.size} pods; exit ${exit}; ${Math.round(memoryBytes / 2 ** 20)} MiB`);
    if (report.lost > 0) say(agent.log.slice(-20_000));
    return [
      { what: 'daemonset: lost', value: report.lost, bar: 0, unit: 'lines' },
      { what: 'daemonset: repeated', value: report.repeated, bar: 0, unit: 'lines' },
      { what: 'daemonset: wrong attributes', value: report.wrong, bar: 0, unit: 'lines' },
      { what: 'daemonset: most handles', value: handles, bar: MAX_HANDLES, unit: '' },
      { what: 'daemonset: exit code', value: Number(exit), bar: 0, unit: '' },
    ];
  } finally {
    backend.closeAllConnections();
    backend.close();
  }
}

/** Lets the node live; gives the most handles that the agent had. */
async function live(node: NodeLogs, api: ApiServer, agent: Agent, written: Written, seconds: number): Promise<number> {
  const pods: RunningPod[] = [];
  const leaving: { readonly pod: RunningPod; readonly atMs: number }[] = [];
  let count = 0;
  const start = (): void => {
    const number = count++;
    const uid = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const pod = { namespace: 'shop', pod: `web-${number}`, uid, container: 'app', number };
    pods.push({ ...pod, restarts: 0, lines: 0, linesInFile: 0 });
    api.put({ uid, name: pod.pod, labels: { tier: `t${number}` } });
  };
  const write = (pod: RunningPod, lines: number): string[] => {
    const texts = Array.from({ length: lines }, () => `${pod.number} ${pod.restarts} ${pod.lines++} ${'.'.repeat(80)}`);
    pod.linesInFile += lines;
    written.set(String(pod.number), pod.lines);
    return texts;
  };
  for (let i = 0; i < PODS; i++) start();
  const startMs = performance.now();
  let [rotateMs, churnMs, restartMs, sampleMs, most] = [
    startMs + ROTATE_MS,
    startMs + CHURN_MS,
    startMs + RESTART_MS,
    0,
    0,
  ];
  for (let nowMs = startMs; nowMs - startMs < 1000 * seconds; nowMs = performance.now()) {
    for (const pod of pods) node.write(pod, write(pod, LINES_PER_TICK), pod.restarts);
    if (nowMs >= rotateMs) {
      rotateMs += ROTATE_MS;
      for (const pod of pods.filter(({ linesInFile }) => linesInFile >= LINES_PER_FILE)) {
        node.rotate(pod, pod.restarts, write(pod, 2));
        pod.linesInFile = 0;
      }
    }
    if (nowMs >= churnMs) {
      churnMs += CHURN_MS;
      for (const pod of pods.splice(0, CHURN_PODS)) leaving.push({ pod, atMs: nowMs + GRACE_MS });
      for (let i = 0; i < CHURN_PODS; i++) start();
    }
    if (nowMs >= restartMs) {
      restartMs += RESTART_MS;
      const pod = pods[Math.floor((nowMs * 7919) % pods.length)]!;
      pod.restarts++;
      pod.linesInFile = 0;
    }
    while (leaving[0] !== undefined && leaving[0].atMs <= nowMs) {
      const { pod } = leaving.shift()!;
      node.remove(pod);
      api.remove(pod.uid);
    }
    if (nowMs >= sampleMs) {
      sampleMs = nowMs + 1000;
      most = Math.max(most, agent.handles());
    }
    await wait(Math.max(0, nowMs + TICK_MS - performance.now()));
  }
  await wait(GRACE_MS);
  return most;
}

/** What arrived, beside what was written. */
function compare(written: Written, bodies: readonly Buffer[]) {
  const seen = new Map<string, Set<number>>();
  let [records, repeated, wrong] = [0, 0, 0];
  for (const body of bodies) {
    for (const { resource, scopeLogs } of decodeLogs(gunzipSync(body)).resourceLogs) {
      for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
        const [pod = '', restarts = '', line = ''] = String(record.body).split(' ');
        const lines = seen.get(pod) ?? new Set<number>();
        seen.set(pod, lines);
        records++;
        if (lines.has(Number(line))) repeated++;
        lines.add(Number(line));
        if (!isRight(resource.attributes, pod, restarts)) wrong++;
      }
    }
  }
  let lost = 0;
  for (const [pod, lines] of written) lost += lines - (seen.get(pod)?.size ?? 0);
  return { records, repeated, wrong, lost };
}

function isRight(attributes: Attributes, pod: string, restarts: string): boolean {
  return (
    attributes.get('k8s.pod.name') === `web-${pod}` &&
    attributes.get('k8s.pod.label.tier') === `t${pod}` &&
    attributes.get('k8s.container.name') === 'app' &&
    attributes.get('container.image.tags') !== undefined &&
    String(attributes.get('k8s.container.restart_count')) === restarts
  );
}
