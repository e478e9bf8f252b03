import type { StageDefinition } from '../../component/definition.ts';
import { defaultText, type Infer, object } from '../../component/options.ts';
import { UserAgentStage } from './user-agent-stage.ts';

const options = object({
  field: defaultText({ doc: 'The attribute that holds the header; it stays.', default: 'user_agent.original' }),
});

/** The stage `user_agent`. */
export const userAgentStage: StageDefinition<Infer<typeof options>> = {
  type: 'user_agent',
  summary:
    'Tells browser and system by the header `User-Agent`: `user_agent.name`, `user_agent.version`, `user_agent.os.name` and ' +
    '`user_agent.os.version`; and `user_agent.synthetic.type`, which is `bot` for bots that say so, and `test` for probes ' +
    'of Kubernetes, load balancers and monitors. A short list of rules: the browsers that people use, and programs that ' +
    'name themselves as `curl/8.5.0` does. What it does not know it leaves out.',
  options,
  example: {
    config: '- user_agent',
    input: '{"user_agent.original":"kube-probe/1.31"}',
    output:
      '{"body":{"stringValue":"{\\"user_agent.original\\":\\"kube-probe/1.31\\"}"},' +
      '"attributes":[{"key":"user_agent.original","value":{"stringValue":"kube-probe/1.31"}},' +
      '{"key":"user_agent.name","value":{"stringValue":"kube-probe"}},' +
      '{"key":"user_agent.version","value":{"stringValue":"1.31"}},' +
      '{"key":"user_agent.synthetic.type","value":{"stringValue":"test"}}]}',
  },
  build: ({ field }, { keys }) => new UserAgentStage(keys.internText(field), keys),
};
