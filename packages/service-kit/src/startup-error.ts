/**
 * A start that cannot succeed for a reason the operator can mend: a wrong setting, a port in use,
 * a data directory in use. `runService` prints the message alone, without a stack.
 */
export class StartupError extends Error {
  override name = 'StartupError'
  /** What kind of failure it is, for those who watch logs. */
  readonly code: string

  constructor(message: string, code = 'cannot_start') {
    super(message)
    this.code = code
  }
}
