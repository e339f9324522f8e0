import { redHatModule } from '../engine/module/packages/red-hat.js'

/** Sees to packages of the Red Hat family. */
export default redHatModule('dnf')
