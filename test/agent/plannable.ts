import type { ReaderChoice } from '../../src/component/definition.ts';
import { object } from '../../src/component/options.ts';
import type { AgentConfig } from '../../src/config/agent-config.ts';

/** What of a configuration tells who reads what; `sources`: what each one chooses, undefined: it can be read once. */
export function plannable(
  sources: Readonly<Record<string, ReaderChoice | undefined>>,
  pipelines: Readonly<Record<string, { readonly from: readonly string[]; readonly to: readonly string[] }>>,
  joinStates?: (states: readonly unknown[]) => unknown,
): Pick<AgentConfig, 'sources' | 'pipelines'> {
  return {
    sources: Object.entries(sources).map(([name, choice]) => ({
      name,
      options: {},
      definition: {
        type: 'stand_in',
        summary: 'Reads nothing.',
        options: object({}),
        ...(choice && { readers: () => choice }),
        ...(joinStates && { joinStates }),
        build: () => ({ run: () => Promise.resolve() }),
      },
    })),
    pipelines: Object.entries(pipelines).map(([name, { from, to }]) => ({
      name,
      from,
      to,
      stages: [],
      conditions: new Map(),
      deadLetter: undefined,
      isOptIn: false,
      recordUid: false,
    })),
  };
}
