// CommonJS, because mocha loads reporters with require() and the tests' loader knows ES modules only.
const Mocha = require('mocha')

/** Mocha's own report, and then one plain line that machines read: `N passed, N failed`. */
module.exports = class SpecWithTotals extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue()
    const { passes, failures } = this.stats
    console.log(`${passes} passed, ${failures} failed`)
  }
}
