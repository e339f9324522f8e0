/** A test that takes long and whose like runs every time: it runs with `npm run test:full` only. */
export function itInFull(title: string, test: () => Promise<void>): void {
  if (process.env['FPLAY_TEST'] === 'full') it(title, test)
}
