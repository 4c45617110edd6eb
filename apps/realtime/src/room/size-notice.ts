import { BOARD_SIZE_STEPS, type BoardSize } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'

/** Sends the clients of a board its size when it reaches one of `BOARD_SIZE_STEPS`, or no longer does. */
export class SizeNotice {
  #steps = 0

  /** How many of the steps the size has reached. */
  get steps(): number {
    return this.#steps
  }

  /** Sends the size, as it is. */
  sendTo(members: Iterable<Connection>, size: BoardSize): void {
    this.#steps = stepsOf(size)
    for (const member of members) member.sendMessage({ type: 'board:size', ...size })
  }

  /** Sends the size if it has passed a step since it was sent last. */
  sendIfPassed(members: Iterable<Connection>, size: BoardSize): void {
    if (stepsOf(size) !== this.#steps) this.sendTo(members, size)
  }
}

const stepsOf = ({ share }: BoardSize) => BOARD_SIZE_STEPS.filter((step) => share >= step).length
