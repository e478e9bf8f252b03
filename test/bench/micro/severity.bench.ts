import { severityStage } from '../../../src/stages/severity/index.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

for (const { name, levels } of [
  { name: 'one name', levels: ['"info"'] },
  { name: 'names', levels: ['"DEBUG"', '"INFO"', '"INFO"', '"INFO"', '"WARNING"', '"ERROR"'] },
  { name: 'numbers of pino', levels: ['20', '30', '30', '30', '40', '50'] },
  { name: 'unknown names', levels: ['"loud"', '"quiet"'] },
]) {
  const context = stageContext();
  const objects = Array.from(
    { length: RECORDS },
    (_, i) => `{"time":1,"level":${levels[i % levels.length]},"msg":"x"}`,
  );
  const batch = batchOfObjects(objects, context.keys);
  const stage = buildStage(severityStage, { keep: true }, context);
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) stage.process(batch);
  });
}
