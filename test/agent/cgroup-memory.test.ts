import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CgroupMemory, type MemoryUse } from '../../src/agent/cgroup-memory.ts';
import { temporaryFolder } from '../harness/files.ts';

/** Reads the memory of a system that has these files. */
function readOf(t: TestContext, files: Readonly<Record<string, string>>): MemoryUse | undefined {
  const root = temporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const memory = CgroupMemory.find(root);
  t.after(() => memory?.close());
  return memory?.read();
}

const V2 = {
  'sys/fs/cgroup/memory.max': '134217728\n',
  'sys/fs/cgroup/memory.current': '100000000\n',
  'sys/fs/cgroup/memory.stat': 'anon 50000000\nfile 40000000\ninactive_file 30000000\nactive_file 5000000\nslab 1\n',
};

const V1 = {
  'proc/self/cgroup': '11:pids:/x\n4:memory:/kubepods/pod1/c1\n1:name=systemd:/x\n0::/\n',
  'sys/fs/cgroup/memory/memory.limit_in_bytes': '134217728\n',
  'sys/fs/cgroup/memory/memory.usage_in_bytes': '90000000\n',
  'sys/fs/cgroup/memory/memory.stat':
    'inactive_file 1\nactive_file 2\ntotal_inactive_file 20000000\ntotal_active_file 10000000\n',
};

for (const { name, files, expected } of [
  {
    name: 'version 2, whose group is the root in a container, with what waits for memory',
    files: {
      ...V2,
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/memory.pressure':
        'some avg10=12.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=1.00 avg60=0 total=1\n',
    },
    expected: { limitBytes: 134_217_728, usedBytes: 65_000_000, stalledPercent: 12.5 },
  },
  {
    name: 'version 2 by its path',
    files: {
      ...V2,
      'proc/self/cgroup': '0::/app.slice\n',
      'sys/fs/cgroup/app.slice/memory.max': '50000000\n',
      'sys/fs/cgroup/app.slice/memory.current': '1000\n',
      'sys/fs/cgroup/app.slice/memory.stat': 'anon 0\n',
    },
    expected: { limitBytes: 50_000_000, usedBytes: 1000, stalledPercent: 0 },
  },
  {
    name: 'version 1, whose path is that of the host, with the sums over groups below it',
    files: V1,
    expected: { limitBytes: 134_217_728, usedBytes: 60_000_000, stalledPercent: 0 },
  },
  {
    name: 'version 1 where several controllers share a hierarchy',
    files: { ...V1, 'proc/self/cgroup': '4:cpuset,memory,pids:/\n' },
    expected: { limitBytes: 134_217_728, usedBytes: 60_000_000, stalledPercent: 0 },
  },
  {
    name: 'nothing without a limit in version 2',
    files: { ...V2, 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': 'max\n' },
    expected: undefined,
  },
  {
    name: 'nothing without a limit in version 1',
    files: { ...V1, 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' },
    expected: undefined,
  },
  { name: 'nothing where there are no control groups', files: {}, expected: undefined },
]) {
  test(`CgroupMemory reads ${name}`, (t) => assert.deepEqual(readOf(t, files), expected));
}
