import { isShareUsedUp } from '@mindfuse/service-kit'
import type { ApiError } from './errors.ts'

/** Bytes that a file takes of what there is for all. */
export interface ByteShare {
  /** Takes more. @throws ApiError where that is too much, and takes nothing then */
  grow(bytes: number): void
  /** Gives all of it back; a second call does nothing. */
  free(): void
}

/** Space for files of everybody, of which one person can have only a share. */
export class ByteShares {
  readonly #most: number
  readonly #tooMany: () => ApiError
  readonly #full: () => ApiError
  readonly #used = new Map<string, number>()
  #total = 0

  /**
   * @param options.most bytes of all files together
   * @param options.tooMany the refusal where other files of the person use up their share
   * @param options.full the refusal where there is no space for anybody
   */
  constructor(options: { most: number; tooMany: () => ApiError; full: () => ApiError }) {
    this.#most = options.most
    this.#tooMany = options.tooMany
    this.#full = options.full
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.#total
  }

  /** A share of nothing as yet, for one file of a person. */
  open(person: string): ByteShare {
    let taken = 0
    return {
      grow: (bytes) => {
        this.#refuse(person, { taken, more: bytes })
        this.#add(person, bytes)
        taken += bytes
      },
      free: () => {
        this.#add(person, -taken)
        taken = 0
      },
    }
  }

  #refuse(person: string, { taken, more }: { taken: number; more: number }): void {
    const [used, total, most] = [this.#used.get(person) ?? 0, this.#total, this.#most]
    const isUsedUp = isShareUsedUp({ used, total, most })
    if (isUsedUp && used > taken) throw this.#tooMany()
    if (isUsedUp || total + more > most) throw this.#full()
  }

  #add(person: string, bytes: number): void {
    this.#total += bytes
    const used = (this.#used.get(person) ?? 0) + bytes
    if (used > 0) this.#used.set(person, used)
    else this.#used.delete(person)
  }
}
