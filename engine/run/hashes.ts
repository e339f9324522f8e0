import { canonical, type States } from './compare.js'
import { Unhashed } from '../unhashed.js'
import type { Difference, Key, Wish } from '../module/contract.js'

type Attributes = Readonly<Record<string, unknown>>

/**
 * A wish with the hashes that are needed to tell what differs: a large file of the controller is read for it only where the host
 * has one of the same size. Elsewhere it is hashed while it is sent.
 * @param all  no file will be sent that could be hashed then
 */
export async function withNeededHashes(wish: Wish, before: States, all: boolean): Promise<Wish> {
  return withHashes(wish, (key, { size }) => {
    const found = before.state(canonical(key))
    const differs = found['type'] !== 'file' || (found['size'] !== undefined && found['size'] !== size)
    return !all && differs ? [found['sha1']] : undefined
  })
}

/** Differences with the hashes of what has been sent. */
export async function withAllHashes(
  differing: ReadonlyMap<Key, Difference>,
): Promise<ReadonlyMap<Key, Difference>> {
  const wishes = await withHashes(new Map([...differing].map(([key, { wished }]) => [key, wished])))
  return new Map(
    [...differing].map(([key, each]) => [key, { ...each, wished: wishes.get(key) as Attributes }]),
  )
}

/** `not` tells of a file that need not be hashed now what its hash surely is not. */
async function withHashes(
  wish: Wish,
  not: (key: Key, wished: Attributes) => readonly unknown[] | undefined = () => undefined,
): Promise<Wish> {
  const known: [Key, Attributes][] = []
  for (const [key, each] of wish) {
    const wished = each as Attributes
    const { sha1 } = wished
    if (!(sha1 instanceof Unhashed)) known.push([key, wished])
    else {
      const { content } = sha1
      const others = content.hash && not(key, wished)
      known.push([
        key,
        {
          ...wished,
          sha1: others ? new Unhashed(content, others) : ((await content.hash?.()) ?? content.sha1),
        },
      ])
    }
  }
  return new Map(known)
}
