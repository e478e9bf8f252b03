import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RotatingFile } from '../../../src/commands/demo/rotating-file.ts';

test('RotatingFile#rotate() moves each file one number up and keeps five of them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pillion-rotating-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = new RotatingFile(folder);
  for (let age = 7; age > 0; age--) {
    file.append(`${age}\n`);
    file.rotate();
  }
  file.append('0\n');
  file.close();
  const content = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  assert.deepEqual(content, {
    'app.log': '0\n',
    'app.log.1': '1\n',
    'app.log.2': '2\n',
    'app.log.3': '3\n',
    'app.log.4': '4\n',
    'app.log.5': '5\n',
  });
  assert.deepEqual([file.bytes, file.rotations], [16, 7]);
});
