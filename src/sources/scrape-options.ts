import { duration, optionalText, textMap } from '../component/options.ts';

/** Options of all sources that ask targets for metrics: when, and what their series are called. */
export const SCRAPE_OPTIONS = {
  interval: duration({ doc: 'How often they are asked.', default: '15s', min: '1s' }),
  timeout: duration({
    doc: 'How long an answer may take, to its last byte; at most `interval`.',
    default: '10s',
    min: '100ms',
  }),
  job: optionalText({
    doc: 'What the applications are called: their label `job`, and `service.name` to OpenTelemetry. Left out: `service.name` of the agent, or the name of the source.',
    example: 'shop',
  }),
  labels: textMap({ doc: 'Labels that all series get.', example: '{ team: checkout }' }),
};
