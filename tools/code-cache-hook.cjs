/**
 * Loaded by `node --require` into the bundled program at build time: keeps what V8 compiled of the script that the
 * program runs, when it ends, in the file that the environment names. It is no module of TypeScript, because the program
 * is to run as it will be shipped.
 */
const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    process.on('exit', () => writeFileSync(process.env.PILLION_CODE_CACHE, this.createCachedData()));
  }
};
