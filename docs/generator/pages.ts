import type { Told } from '../../engine/cli/doc-text.js'
import { createRegistry } from '../../engine/module/registry.js'
import { createCatalog } from '../../engine/play/actions.js'
import { modulePage, modulesIndex } from './modules.js'
import { playbookSchema, tasksSchema } from './schema.js'
import { errorsPage, keywordsPage, settingsPage, wordsPage } from './words.js'

/** Folders of docs/ in which every file is generated. */
export const GENERATED_FOLDERS = ['modules', 'reference'] as const

/** Every generated file of docs/, by its path there. */
export async function generatedPages(): Promise<Map<string, string>> {
  const catalog = createCatalog(createRegistry())
  await catalog.load(catalog.names)
  const modules = catalog.names.map((name) => [name, catalog.find(name)!.declaration as Told] as const)
  const json = (schema: object): string => `${JSON.stringify(schema, null, 1)}\n`
  return new Map([
    ...modules.map(([name, module]) => [`modules/${name}.md`, modulePage(name, module)] as const),
    ['modules/README.md', modulesIndex(modules)],
    ['reference/keywords.md', keywordsPage()],
    [
      'reference/filters.md',
      wordsPage(
        'filter',
        'Filters',
        'Used as `{{ value | filter }}`; in `.hbs` templates as helpers of the same names.',
      ),
    ],
    ['reference/tests.md', wordsPage('test', 'Tests', 'Used as `value is test`, `value is not test`.')],
    [
      'reference/lookups.md',
      wordsPage(
        'lookup',
        'Lookups',
        'Used as `lookup(name, …)`, `query(name, …)` and `with_name:`; they read on the controller.',
      ),
    ],
    ['reference/errors.md', errorsPage()],
    ['reference/settings.md', settingsPage()],
    ['schema/playbook.json', json(playbookSchema(modules))],
    ['schema/tasks.json', json(tasksSchema())],
  ])
}
