import { fieldsForm } from './fields-form.ts';
import { type Form, type StageList, shareOf } from './form.ts';
import { textForm } from './text-form.ts';

/** A form that one stage reads as a whole. */
function lineForm(name: string, summary: string, gate: RegExp, stages: StageList): Form {
  return {
    name,
    needs: stages.map((stage) => (typeof stage === 'string' ? stage : Object.keys(stage)[0]!)),
    propose: ({ sample }) =>
      shareOf(sample.texts, gate) < 0.5 ? undefined : { stages, summary, needsTime: true, most: 1 },
  };
}

/** A month or ISO 8601, a host, and the name of a program, with its process or without: not the word for a level. */
const SYSLOG =
  /^(?:<\d{1,3}>(?:\d )?|(?=[A-Z]|\d{4}-\d\d-\d\dT))(?:[A-Z][a-z]{2} +\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d\S* |\d{4}-\d\d-\d\dT\S+ )(?!(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b|\[)\S+ (?:[^\s:[\]]+(?:\([^\s)]*\))?(?:\[[^\s\]]+\])?:|\S+ \S+ \S+ (?:-|\[))/;

/** The forms that lines may have whoever writes them. Of two that fit as many lines the first counts. */
export const FORMS: readonly Form[] = [
  fieldsForm({ name: 'json', summary: 'JSON objects', parser: 'json', gate: /^\s*\{/, needsKnown: false }),
  lineForm(
    'clf',
    'access log in the common or combined format',
    /^\S+ \S+ .*?\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/,
    ['clf'],
  ),
  lineForm('klog', 'lines of klog', /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ /, ['klog']),
  lineForm('syslog', 'lines of syslog', SYSLOG, ['syslog']),
  fieldsForm({
    name: 'logfmt',
    summary: 'logfmt',
    parser: 'logfmt',
    gate: /^[A-Za-z_@][\w.@/-]*=(?:"|\S)/,
    needsKnown: true,
  }),
  textForm,
];
