import Mocha from 'mocha'

/** Mocha's own report, and then one plain line that machines read: `N passed, N failed`. */
export default class SpecWithTotals extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue()
    const { passes, failures } = this.stats
    console.log(`${passes} passed, ${failures} failed`)
  }
}
