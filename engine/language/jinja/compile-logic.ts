import { isUnknown, type Unknown } from '../../unknown.js'
import type { Expression, Frame } from './frame.js'
import { recover } from './frame.js'
import type { Item } from './item.js'
import { truthy } from './item.js'

/** Truth of an item, or the Unknown it rests on. */
function truth(item: Item, frame: Frame, at: number): boolean | Unknown {
  if (isUnknown(item)) return item
  try {
    return truthy(item)
  } catch (error) {
    return recover(error, frame, at) as Unknown
  }
}

/** `not a`. */
export function compileNot(of: Expression, at: number): Expression {
  return (frame) => {
    const answer = truth(of(frame), frame, at)
    return isUnknown(answer) ? answer : !answer
  }
}

/** `a and b`: false when either side surely is, also when the other is only known after the run. */
export function compileAnd(left: Expression, right: Expression, at: number): Expression {
  return (frame) => decide(left, right, frame, at, false)
}

/** `a or b`: true when either side surely is, also when the other is only known after the run. */
export function compileOr(left: Expression, right: Expression, at: number): Expression {
  return (frame) => decide(left, right, frame, at, true)
}

function decide(left: Expression, right: Expression, frame: Frame, at: number, decisive: boolean): Item {
  const first = left(frame)
  const answer = truth(first, frame, at)
  if (!isUnknown(answer)) return answer === decisive ? first : right(frame)
  const second = sideUnderDoubt(right, frame)
  if (second === undefined) return answer
  return truth(second, frame, at) === decisive ? second : answer
}

/** The right side when the left is not known: it may never be reached, so an error in it is none. */
function sideUnderDoubt(side: Expression, frame: Frame): Item | undefined {
  try {
    const item = side(frame)
    truthy(item)
    return item
  } catch {
    return undefined
  }
}
