import type { Node, Task } from '../play/play.js'

/** The place between two sections of a play where notified handlers run. */
export interface FlushPoint {
  readonly kind: 'flush'
}

/** What a host does next: a task, or the handlers that were notified. */
export type Step = Task | FlushPoint

/** A block, or the frame that `force_handlers` puts around a section. */
export interface WalkBlock {
  readonly kind: 'block'
  readonly block: readonly WalkNode[]
  readonly rescue: readonly WalkNode[]
  readonly always: readonly WalkNode[]
}

/** What a walk goes through. */
export type WalkNode = Task | WalkBlock | FlushPoint

/** Whether a failure meets a `rescue` on its way up. */
export type FailureEnd = 'rescued' | 'failed'

/** The three lists of a block. */
export type Section = 'block' | 'rescue' | 'always'

/** One list of nodes in which a host stands. Frames without a block are the play itself and a flush of handlers. */
interface Frame {
  readonly block: WalkBlock | undefined
  section: Section
  nodes: readonly WalkNode[]
  /** Index of the node that comes next. */
  at: number
  /** A failure that is handed up once `always` has run. */
  failed: boolean
  /** Of a flush: nodes that run whether or not they were notified, because a handler included them. */
  readonly included?: Set<WalkNode>
}

/**
 * One host's way through a play: which task is next, given what failed and what was notified so far. It knows
 * nothing of other hosts, of time, or of what a task does.
 */
export class Walk {
  readonly #stack: Frame[]
  readonly #handlers: () => readonly Task[]
  readonly #notified = new Set<Task>()
  /** The next step once it was looked for; null when the walk is over. */
  #next: Step | null | undefined
  #failed = false
  #exposed = false
  /** Says whether to pass over a step, as long as the walk has not come to its start. */
  #passOver: ((step: Step) => boolean) | undefined

  /**
   * @param nodes  the play, see {@link playNodes}
   * @param handlers  the play's handlers in the order of their definition, asked for at each flush
   */
  constructor(nodes: readonly WalkNode[], handlers: () => readonly Task[]) {
    this.#stack = [{ block: undefined, section: 'block', nodes, at: 0, failed: false }]
    this.#handlers = handlers
  }

  /** The host failed and nothing rescued it: its walk is over. */
  get failed(): boolean {
    return this.#failed
  }

  /**
   * The failure of the step taken last counts for `any_errors_fatal`: nothing rescues it, and the list it stood in has no
   * `always` of its own (one further out does not keep a failure from being fatal, as in Ansible).
   */
  get exposed(): boolean {
    return this.#exposed
  }

  /** The next step is a handler, or something a handler included. */
  get inHandlers(): boolean {
    this.peek()
    return this.#stack.some((frame) => frame.included)
  }

  /** The section in which the next step stands; `block` outside of blocks. */
  get section(): Section {
    this.peek()
    return this.#stack.at(-1)?.section ?? 'block'
  }

  /** The next step, undefined when the walk is over. Looking does not move the host. */
  peek(): Step | undefined {
    if (this.#next === undefined) this.#next = this.#find() ?? null
    return this.#next ?? undefined
  }

  /** Tasks that probably come next, at most so many: as written, whatever their conditions will say. */
  upcoming(limit: number): Task[] {
    const tasks: Task[] = []
    const gather = (nodes: readonly WalkNode[], from: number): void => {
      for (let at = from; at < nodes.length && tasks.length < limit; at++) {
        const node = nodes[at]!
        if (node.kind === 'block') gather(node.block, 0)
        else if (node.kind === 'task') tasks.push(node)
      }
    }
    if (this.#next && this.#next.kind === 'task') tasks.push(this.#next)
    for (const frame of [...this.#stack].reverse()) if (!frame.included) gather(frame.nodes, frame.at)
    return tasks.slice(0, Math.max(0, limit))
  }

  /**
   * Tasks that are the next ones for sure if none of them fails, at most so many: they follow one another, with neither
   * handlers nor a section of another kind between.
   */
  following(limit: number): Task[] {
    const tasks: Task[] = []
    const gather = (nodes: readonly WalkNode[], from: number): boolean =>
      nodes.slice(from).every((node) => {
        if (node.kind === 'block') return gather(node.block, 0) && !node.always.length
        if (node.kind === 'flush' || tasks.length >= limit) return false
        return tasks.push(node) > 0
      })
    if (this.#passOver || this.#next === null) return []
    if (this.#next && !gather([this.#next], 0)) return []
    for (const { nodes, at, block, section, included, failed } of [...this.#stack].reverse()) {
      const goesOn = section === 'block' && !included && !failed
      if (!goesOn || !gather(nodes, at) || block?.always.length) return tasks
    }
    return tasks
  }

  /** Moves past the next step and returns it. */
  take(): Step | undefined {
    const step = this.peek()
    if (step) this.#next = undefined
    this.#exposed = false
    return step
  }

  /** Puts nodes directly behind the step taken last: what an `include_…` has loaded. */
  insert(nodes: readonly Node[]): void {
    const frame = this.#stack.at(-1)
    if (!frame) return
    frame.nodes = [...frame.nodes.slice(0, frame.at), ...nodes, ...frame.nodes.slice(frame.at)]
    for (const node of nodes) frame.included?.add(node)
  }

  /**
   * The step taken last has failed: the way goes on in a rescue or always section, or ends. A handler counts as failed
   * also where a block around the flush rescues it.
   */
  fail(): FailureEnd {
    const inHandlers = this.#stack.some((frame) => frame.included)
    const rescued = this.#stack.some((frame) => frame.section === 'block' && frame.block?.rescue.length)
    const own = this.#stack.at(-1)
    this.#exposed = !rescued && !(own?.section !== 'always' && own?.block?.always.length)
    this.#next = undefined
    this.#unwind()
    return rescued && !inHandlers ? 'rescued' : 'failed'
  }

  /** Starts the handlers that are notified; those notified by them join in, when they are defined later. */
  flush(): void {
    const nodes = this.#handlers()
    this.#stack.push({ block: undefined, section: 'block', nodes, at: 0, failed: false, included: new Set() })
    this.#next = undefined
  }

  /** Notes that a handler is to run at the next flush; false when that was known. */
  notify(handler: Task): boolean {
    if (this.#notified.has(handler)) return false
    this.#notified.add(handler)
    return true
  }

  /** Notes that a handler has run. */
  handled(handler: Task): void {
    this.#notified.delete(handler)
  }

  /** Passes over everything before the first step that `isStart`, but for what is to be kept all the same. */
  startAt(isStart: (task: Task) => boolean, isKept: (task: Task) => boolean): void {
    this.#passOver = (step) => {
      if (step.kind === 'flush') return true
      if (!isStart(step)) return !isKept(step)
      this.#passOver = undefined
      return false
    }
  }

  /** Ends the walk without a failure (`meta: end_host`, `end_play`). */
  end(): void {
    this.#stack.length = 0
    this.#next = null
  }

  /** Forgets the failure (`meta: clear_host_errors`); an ended walk stays ended. */
  clearErrors(): void {
    this.#failed = false
    for (const frame of this.#stack) frame.failed = false
  }

  #find(): Step | undefined {
    for (let frame = this.#stack.at(-1); frame; frame = this.#stack.at(-1)) {
      const node = frame.nodes[frame.at]
      if (!node) {
        this.#leave(frame)
        continue
      }
      frame.at++
      if (node.kind === 'block') this.#stack.push(frameOf(node))
      else if (this.#wanted(frame, node)) return node
    }
    return undefined
  }

  #wanted(frame: Frame, node: Step): boolean {
    if (this.#passOver?.(node)) return false
    if (!frame.included || frame.included.has(node)) return true
    return node.kind === 'task' && this.#notified.has(node)
  }

  #leave(frame: Frame): void {
    if (frame.block && frame.section !== 'always') {
      enter(frame, 'always')
      return
    }
    this.#stack.pop()
    if (frame.failed) this.#unwind()
  }

  #unwind(): void {
    for (let frame = this.#stack.at(-1); frame; frame = this.#stack.at(-1)) {
      if (frame.section === 'block' && frame.block?.rescue.length) return enter(frame, 'rescue')
      if (frame.section !== 'always' && frame.block?.always.length) {
        frame.failed = true
        return enter(frame, 'always')
      }
      this.#stack.pop()
    }
    this.#failed = true
  }
}

/** The nodes of a play with a flush of handlers behind each section; with `force_handlers` also behind a failed one. */
export function playNodes(sections: readonly (readonly Node[])[], forceHandlers: boolean): WalkNode[] {
  return sections.flatMap((section): WalkNode[] => {
    const flush: FlushPoint = { kind: 'flush' }
    return forceHandlers
      ? [{ kind: 'block', block: [plainBlock(section)], rescue: [], always: [plainBlock([flush])] }]
      : [...section, flush]
  })
}

function plainBlock(block: readonly WalkNode[]): WalkBlock {
  return { kind: 'block', block, rescue: [], always: [] }
}

/** All steps below some nodes in the order in which they are written: block, rescue, always. */
export function stepsOf(nodes: readonly WalkNode[]): Step[] {
  return nodes.flatMap((node) =>
    node.kind === 'block' ? stepsOf([...node.block, ...node.rescue, ...node.always]) : [node],
  )
}

function frameOf(block: WalkBlock): Frame {
  return { block, section: 'block', nodes: block.block, at: 0, failed: false }
}

function enter(frame: Frame, section: Section): void {
  frame.section = section
  frame.nodes = frame.block?.[section] ?? []
  frame.at = 0
}
