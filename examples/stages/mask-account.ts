import { defineStage } from 'pillion/sdk';

/** Use it as `- use: ./stages/mask-account.ts`, with `options: { field: iban }` for another attribute than `account`. */
export default defineStage({
  type: 'mask_account',
  summary: 'Keeps the last four characters of an account number.',
  options: {
    field: { type: 'string', default: 'account', doc: 'The attribute that holds the number.' },
  },
  build:
    ({ field }) =>
    (record) => {
      const account = record.string(field);
      if (account === undefined) return;
      const visible = account.length > 4 ? account.slice(-4) : '';
      record.set(field, visible.padStart(account.length, '*'));
    },
});
