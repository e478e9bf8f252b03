import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Patterns, patternError } from '../../../src/sources/file/patterns.ts';

const cwd = process.cwd();

for (const { include, exclude = [], path, expected } of [
  { include: '/logs/*.log', path: '/logs/app.log', expected: true },
  { include: '/logs/*.log', path: '/logs/app.log.1', expected: false },
  { include: '/logs/*.log', path: '/logs/sub/app.log', expected: false },
  { include: '/logs/*.log', path: '/logs/.hidden.log', expected: false },
  { include: '/logs/**/*.log', path: '/logs/a/b/app.log', expected: true },
  { include: '/logs/**/*.log', path: '/logs/app.log', expected: true },
  { include: '/logs/{web,api}/*.log', path: '/logs/api/app.log', expected: true },
  { include: '/logs/{web,api}/*.log', path: '/logs/db/app.log', expected: false },
  { include: '/logs/app.log', path: '/logs/app.log', expected: true },
  { include: '/logs/app.log', path: '/logs/app.log.1', expected: false },
  { include: '/logs/with \\[brackets\\].log', path: '/logs/with [brackets].log', expected: true },
  { include: '*.log', path: join(cwd, 'app.log'), expected: true },
  { include: './logs/*.log', path: join(cwd, 'logs/app.log'), expected: true },
  { include: '/logs/*', exclude: ['*.gz'], path: '/logs/app.log.gz', expected: false },
  { include: '/logs/**', exclude: ['*.gz'], path: '/logs/a/b.gz', expected: false },
  { include: '/logs/**', exclude: ['.*'], path: '/logs/a/.b', expected: false },
  { include: '/logs/*', exclude: ['/other/app.log'], path: '/logs/app.log', expected: true },
  { include: '/logs/*', exclude: ['/logs/app*'], path: '/logs/app.log', expected: false },
]) {
  test(`matches() ${expected ? 'takes' : 'leaves'} ${path} for ${include} without ${JSON.stringify(exclude)}`, () => {
    assert.equal(new Patterns([include], exclude).matches(path), expected);
  });
}

for (const { include, folder, depth } of [
  { include: '/logs/*.log', folder: '/logs', depth: 0 },
  { include: '/logs/*/app.log', folder: '/logs', depth: 1 },
  { include: '/logs/{a,b/c}/*.log', folder: '/logs', depth: 2 },
  { include: '/logs/**', folder: '/logs', depth: 32 },
  { include: '/logs/app.log', folder: '/logs', depth: 0 },
  { include: '*.log', folder: cwd, depth: 0 },
]) {
  test(`bases tells where to look for ${include}`, () => {
    assert.deepEqual(new Patterns([include], []).bases, [{ folder, depth, isDeeper: include.includes('**') }]);
  });
}

for (const { pattern, part } of [
  { pattern: '!/logs/app.log', part: 'negated' },
  { pattern: '/logs/', part: 'ends with a slash' },
  { pattern: '/logs/[a.log', part: 'bracket' },
  { pattern: '/logs/{a,b.log', part: 'bracket' },
]) {
  test(`patternError() says what is wrong with ${pattern}`, () => {
    assert.match(patternError(pattern) ?? '', new RegExp(part));
  });
}

for (const pattern of ['/logs/*.log', '/logs/app.log', '**', '/logs/{a,b}/[0-9].log']) {
  test(`patternError() finds nothing wrong with ${pattern}`, () => assert.equal(patternError(pattern), undefined));
}
