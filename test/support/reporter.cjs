// CommonJS, because mocha loads reporters with require() and the tests' loader knows ES modules only.
const Mocha = require('mocha')

/** Mocha's own report, and as the last of all one plain line that machines read: `N passed, N failed`. */
module.exports = class SpecWithTotals extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue()
    const { passes, failures } = this.stats
    process.once('exit', () => console.log(`${passes} passed, ${failures} failed`))
  }
}
