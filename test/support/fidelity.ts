/** Tasks on hosts whose verdict a dry run was asked for, and those it got wrong, over all tests of this process. */
const total = { tasks: 0, missed: [] as string[] }

/**
 * Counts how a dry run foretold a run.
 * @param foretold  tasks that the dry run said would change something
 * @param was       those that did
 * @param tasks     all tasks that ended on a host
 */
export function countFidelity(foretold: readonly string[], was: readonly string[], tasks: number): void {
  const wrong = [
    ...foretold.filter((task) => !was.includes(task)),
    ...was.filter((task) => !foretold.includes(task)),
  ]
  total.tasks += tasks
  total.missed.push(...wrong)
}

after(() => {
  if (total.tasks === 0) return
  const right = total.tasks - total.missed.length
  const percent = ((100 * right) / total.tasks).toFixed(1)
  console.log(`    dry runs foretold ${right} of ${total.tasks} tasks: ${percent} %`)
  for (const task of total.missed) console.log(`      not foretold: ${task}`)
})
