import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A small disk of its own until the end of the test; its path. */
export function mountTmpfs(t: TestContext, sizeKiB: number): string {
  const path = mkdtempSync(join(tmpdir(), 'pillion-mount-'));
  mount(path, sizeKiB);
  t.after(() => {
    // Lazy: an agent that is killed after this still has files open on it.
    execFileSync('umount', ['--lazy', path]);
    rmdirSync(path);
  });
  return path;
}

/** Why no file system can be mounted here, as the reason to skip a test; false: one can. */
export function whyNoTmpfs(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'platform: only root on Linux mounts a small disk';
  const path = mkdtempSync(join(tmpdir(), 'pillion-mount-'));
  try {
    mount(path, 64);
    execFileSync('umount', [path]);
    return false;
  } catch {
    return 'platform: nothing can be mounted here';
  } finally {
    rmdirSync(path);
  }
}

function mount(path: string, sizeKiB: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'pillion-test', path], { stdio: 'pipe' });
}
