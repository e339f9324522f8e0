// CommonJS, because mocha loads reporters with require() and the tests' loader knows ES modules only.
const Mocha = require('mocha')

/**
 * Mocha's own report; and as the last of all, where a log that was cut still has them, the names of the tests that failed with
 * the first line of why, and one plain line that machines read: `N passed, N failed`.
 */
module.exports = class SpecWithTotals extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue()
    const { passes, failures } = this.stats
    process.once('exit', () => {
      for (const test of this.failures) console.log(`failed: ${test.fullTitle()}: ${reason(test.err)}`)
      console.log(`${passes} passed, ${failures} failed`)
    })
  }
}

function reason(error) {
  return String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 300)
}
