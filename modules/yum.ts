import { redHatModule } from '../engine/module/packages/red-hat.js'

/** Sees to packages of the Red Hat family, under the name that older playbooks use. */
export default redHatModule('yum')
