import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import type { MetricSet } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';
import { ContainerReadings } from '../../../src/sources/container/container-readings.ts';
import { temporaryFolder } from '../../harness/files.ts';

const ID = 'ab'.repeat(32);

/** Files as the system would show them, below a folder. */
function writeTree(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** What `/proc` shows of a process. */
function processFiles(
  pid: number,
  process: { cgroup: string; comm: string; utime: number; stime: number; start: number; rssKib: number },
) {
  const { cgroup, comm, utime, stime, start, rssKib } = process;
  const fields = ['S', 1, 1, 1, 0, -1, 0, 0, 0, 0, 0, utime, stime, 900, 900, 20, 0, 3, 0, start, 0, 0];
  return {
    [`${pid}/stat`]: `${pid} (${comm}) ${fields.join(' ')}\n`,
    [`${pid}/status`]: `Name:\t${comm}\nVmRSS:\t   ${rssKib} kB\n`,
    [`${pid}/cgroup`]: `0::${cgroup}\n`,
  };
}

function readingsOf(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options: { paths?: string[]; processes?: boolean } = {},
) {
  const folder = temporaryFolder(t);
  writeTree(folder, files);
  const troubles: string[] = [];
  const readings = new ContainerReadings({
    paths: [],
    processes: true,
    proc: join(folder, 'proc'),
    cgroup: join(folder, 'cgroup'),
    resource: () => OWN,
    scopeVersion: '1',
    clock: new FakeClock(5000),
    onTrouble: (path) => troubles.push(path),
    ...options,
  });
  return { folder, readings, troubles };
}

const OWN = new Resource([
  ['service.name', 'shop'],
  ['service.instance.id', 'pod-1'],
  ['k8s.container.name', 'pillion'],
]);

/** Lines such as `container.cpu.time{cpu.mode=user} 1.5`. */
function shown({ families }: MetricSet): string[] {
  return families.flatMap(({ name, points }) =>
    points.map((point) => {
      const labels = [...point.labels].map(([label, value]) => `${label}=${value}`).join(',');
      return `${name}${labels && `{${labels}}`} ${point.kind === 'number' ? Math.round(1000 * point.value) / 1000 : '?'}`;
    }),
  );
}

const UNIFIED = {
  'cgroup/cgroup.controllers': 'cpu memory\n',
  'cgroup/cpu.stat':
    'usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_throttled 2\nthrottled_usec 500000\n',
  'cgroup/memory.current': '1000000\n',
  'cgroup/memory.max': '4000000\n',
  'cgroup/memory.stat': 'anon 700000\ninactive_file 200000\npgfault 30\npgmajfault 10\n',
  'cgroup/io.stat': '8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n',
  'cgroup/pids.current': '7\n',
};

const CGROUP_LINES = [
  'container.cpu.time{cpu.mode=user} 2',
  'container.cpu.time{cpu.mode=system} 1',
  'container.cpu.throttled.time 0.5',
  'container.memory.usage 1000000',
  'container.memory.working_set 800000',
  'container.memory.rss 700000',
  'container.memory.available 3200000',
  'container.paging.faults{system.paging.fault.type=major} 10',
  'container.paging.faults{system.paging.fault.type=minor} 20',
  'container.disk.io{disk.io.direction=read,system.device=8:0} 10',
  'container.disk.io{disk.io.direction=write,system.device=8:0} 20',
  'system.process.count 7',
];

test('read() gives the control group of version 2', async (t) => {
  const { readings } = readingsOf(t, UNIFIED);
  assert.deepEqual((await readings.read()).map(shown), [CGROUP_LINES]);
});

test('read() gives the control group of version 1, which has no limit where the number is absurd', async (t) => {
  const { readings } = readingsOf(t, {
    'cgroup/cpuacct/cpuacct.stat': 'user 200\nsystem 100\n',
    'cgroup/cpu/cpu.stat': 'nr_periods 1\nthrottled_time 500000000\n',
    'cgroup/memory/memory.usage_in_bytes': '1000000\n',
    'cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    'cgroup/memory/memory.stat':
      'total_rss 700000\ntotal_inactive_file 200000\ntotal_pgfault 30\ntotal_pgmajfault 10\n',
    'cgroup/blkio/blkio.throttle.io_service_bytes': '8:0 Read 10\n8:0 Write 20\n8:0 Total 30\nTotal 30\n',
    'cgroup/pids/pids.current': '7\n',
  });
  const expected = CGROUP_LINES.filter((line) => !line.startsWith('container.memory.available'));
  assert.deepEqual((await readings.read()).map(shown), [expected]);
});

test('read() tells the containers of a pod apart that share their processes, and adds theirs up', async (t) => {
  const app = { cgroup: `/../cri-containerd-${ID}.scope`, start: 1000, rssKib: 100 };
  const { readings } = readingsOf(t, {
    'proc/uptime': '30.00 20.00\n',
    'proc/self/cgroup': '0::/\n',
    'proc/2/cgroup': '0::/\n',
    'proc/2/stat': '2 (kthreadd) S 0\n',
    ...prefixed(
      'proc',
      processFiles(7, { cgroup: '/', comm: 'pillion', utime: 50, stime: 50, start: 2000, rssKib: 50 }),
    ),
    ...prefixed('proc', processFiles(10, { ...app, comm: 'nginx: ma) S 9', utime: 100, stime: 200 })),
    ...prefixed('proc', processFiles(11, { ...app, comm: 'worker', utime: 10, stime: 20, start: 1500 })),
  });
  const [own, other] = await readings.read();
  assert.equal(own?.resource, OWN);
  assert.deepEqual(shown(own), [
    'container.cpu.time{cpu.mode=user} 0.5',
    'container.cpu.time{cpu.mode=system} 0.5',
    'container.memory.rss 51200',
    'system.process.count 1',
    'container.uptime 10',
    'process.thread.count 3',
  ]);
  assert.deepEqual(shown(other!), [
    'container.cpu.time{cpu.mode=user} 1.1',
    'container.cpu.time{cpu.mode=system} 2.2',
    'container.memory.rss 204800',
    'system.process.count 2',
    'container.uptime 20',
    'process.thread.count 6',
  ]);
  assert.deepEqual(Object.fromEntries(other!.resource.attributes), {
    'service.name': 'shop',
    'container.id': ID,
    'process.executable.name': 'nginx: ma) S 9',
    'service.instance.id': `pod-1/${ID.slice(0, 12)}`,
  });
  assert.equal((await readings.read())[1]?.resource, other?.resource, 'the same object each time');
});

test('read() tells containers apart that have no id, whatever they run', async (t) => {
  const one = { comm: 'app', utime: 1, stime: 1, start: 1, rssKib: 1 };
  const { readings } = readingsOf(t, {
    ...prefixed('proc', processFiles(10, { ...one, cgroup: '/../a' })),
    ...prefixed('proc', processFiles(11, { ...one, cgroup: '/../b' })),
  });
  const instances = (await readings.read()).map(({ resource }) => resource.attributes.get('service.instance.id'));
  assert.deepEqual(instances, ['pod-1', 'pod-1//../a', 'pod-1//../b']);
});

test('read() never gives less CPU time than before when a process has ended', async (t) => {
  const cgroup = '/../app';
  const first = prefixed('proc', processFiles(10, { cgroup, comm: 'main', utime: 100, stime: 0, start: 1, rssKib: 1 }));
  const { folder, readings } = readingsOf(t, {
    ...first,
    ...prefixed('proc', processFiles(11, { cgroup, comm: 'child', utime: 70, stime: 0, start: 2, rssKib: 1 })),
  });
  const userTime = async (): Promise<string | undefined> => shown((await readings.read())[1]!)[0];
  assert.equal(await userTime(), 'container.cpu.time{cpu.mode=user} 1.7');
  rmSync(join(folder, 'proc/11'), { recursive: true });
  assert.equal(await userTime(), 'container.cpu.time{cpu.mode=user} 1.7');
  // Another process gets the number.
  writeTree(
    folder,
    prefixed('proc', processFiles(11, { cgroup, comm: 'child', utime: 5, stime: 0, start: 9, rssKib: 1 })),
  );
  assert.equal(await userTime(), 'container.cpu.time{cpu.mode=user} 1.75');
});

test('read() gives the traffic of the pod without the loopback, and how full volumes are', async (t) => {
  const volume = temporaryFolder(t);
  const { readings, troubles } = readingsOf(
    t,
    {
      'proc/net/dev':
        'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo:  9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n  eth0: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n',
    },
    { paths: [volume, join(volume, 'missing')] },
  );
  const [set] = await readings.read();
  const lines = shown(set!);
  assert.deepEqual(lines.slice(0, 2), [
    'container.network.io{network.interface.name=eth0,network.io.direction=receive} 100',
    'container.network.io{network.interface.name=eth0,network.io.direction=transmit} 200',
  ]);
  const { blocks, bsize } = statfsSync(volume);
  const usage = set?.families.find(({ name }) => name === 'system.filesystem.usage');
  const total = usage?.points.reduce((sum, point) => sum + (point.kind === 'number' ? point.value : 0), 0);
  assert.equal(total, blocks * bsize);
  assert.deepEqual(troubles, [join(volume, 'missing')]);
});

test('read() gives nothing where the system shows nothing', async (t) => {
  const { readings } = readingsOf(t, {});
  assert.deepEqual((await readings.read()).map(shown), [[]]);
});

test('read() agrees with what this process knows of itself', async (t) => {
  const readings = new ContainerReadings({
    paths: [],
    processes: true,
    proc: '/proc',
    cgroup: temporaryFolder(t),
    resource: () => OWN,
    scopeVersion: '',
    clock: new FakeClock(),
    onTrouble: () => {},
  });
  const before = process.cpuUsage();
  const [own] = await readings.read();
  const seconds = own?.families
    .find(({ name }) => name === 'container.cpu.time')
    ?.points.reduce((sum, point) => sum + (point.kind === 'number' ? point.value : 0), 0);
  assert.ok(seconds !== undefined && seconds > 0);
  // This process is one of them; its clock counts in ticks of 10 ms.
  assert.ok(seconds >= (before.user + before.system) / 1e6 - 0.1);
  const threads = own?.families.find(({ name }) => name === 'process.thread.count')?.points[0];
  const [, mine] = /^Threads:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  assert.ok(threads?.kind === 'number' && threads.value >= Number(mine) - 4);
});

function prefixed(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [join(folder, path), text]));
}
