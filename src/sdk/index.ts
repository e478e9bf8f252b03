/** What a stage of your own may import: `import { defineStage } from 'pillion/sdk'`. */
export type { AttributeValue, ResourceValue } from '../core/resource.ts';
export { defineStage, type StageDeclaration } from './define-stage.ts';
export type { OptionDeclaration, OptionDeclarations, OptionTypes, OptionValues } from './option-schema.ts';
export type { ProcessRecord } from './own-stage.ts';
export type { RecordView, SettableValue } from './record-view.ts';
