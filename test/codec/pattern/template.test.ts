import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from '../../../src/codec/pattern/template.ts';

for (const { template, parts } of [
  { template: '<a>', parts: ['a'] },
  { template: '<a> - <b:int> [<_>]', parts: ['a', '" - "', 'b:int', '" ["', '_', '"]"'] },
  { template: '<<<pri:int>><rest>', parts: ['"<"', 'pri:int', '">"', 'rest'] },
  { template: 'a > b <c>', parts: ['"a > b "', 'c'] },
  { template: '<a-> | <-><b:int->', parts: ['a-', '" | "', 'blanks', 'b:int-'] },
  { template: '<a?>,<b:int?->', parts: ['a?', '","', 'b:int?-'] },
  { template: '<a><?> <b>', parts: ['a', 'end', '" "', 'b'] },
  { template: '<größe.1/x-y>é', parts: ['größe.1/x-y', '"é"'] },
]) {
  test(`parseTemplate() reads ${template}`, () => {
    const found = parseTemplate(template);
    assert.ok(!('problem' in found));
    assert.deepEqual(found.map(describePart), parts);
  });
}

function describePart(part: Exclude<ReturnType<typeof parseTemplate>, { problem: string }>[number]): string {
  if (part.kind === 'text') return JSON.stringify(part.text);
  if (part.kind !== 'field') return part.kind;
  return `${part.name ?? '_'}${part.type === '' ? '' : `:${part.type}`}${part.isOptional ? '?' : ''}${part.isPadded ? '-' : ''}`;
}

for (const { template, column, problem } of [
  { template: 'a < b', column: 3, problem: '"<" begins no field' },
  { template: '<a> <b c>', column: 5, problem: '"<" begins no field' },
  { template: '<a> <>', column: 5, problem: '"<" begins no field' },
  { template: '<a> <1b>', column: 5, problem: '"<" begins no field' },
  { template: '<a> <b:int:x>', column: 5, problem: '"<" begins no field' },
  { template: '<a', column: 1, problem: '"<" begins no field' },
  {
    template: '<a><b>',
    column: 4,
    problem: 'nothing stands between two fields, so nobody knows where the first one ends',
  },
  {
    template: '<a><?><b>',
    column: 7,
    problem: 'nothing stands between two fields, so nobody knows where the first one ends',
  },
  {
    template: '<a><-><b>',
    column: 4,
    problem: 'nothing but blanks stands behind a field, so nobody knows where it ends',
  },
  { template: 'x<-> <b>', column: 5, problem: '"<->" has taken all blanks' },
  { template: 'x<-><-><b>', column: 5, problem: '"<->" has taken all blanks' },
  { template: '<?><b>', column: 1, problem: '"<?>" stands in front of nothing' },
  { template: '<b> <?>', column: 5, problem: 'nothing follows "<?>"' },
  { template: '<a> <b> <a>', column: 9, problem: 'the field "a" comes twice' },
  { template: 'plain', column: 1, problem: 'it names no field' },
  { template: '<_> <_:int>', column: 1, problem: 'it names no field' },
]) {
  test(`parseTemplate() refuses ${template}`, () => {
    const found = parseTemplate(template);
    assert.ok('problem' in found);
    assert.deepEqual([found.column, found.problem], [column, problem]);
    assert.ok(found.hint.length > 0);
  });
}
