/** The origin of transactions that apply what the server sent. */
export const REMOTE_ORIGIN = Symbol('mindfuse:remote')

/** The origin of transactions that apply what this machine stored. */
export const STORE_ORIGIN = Symbol('mindfuse:store')
