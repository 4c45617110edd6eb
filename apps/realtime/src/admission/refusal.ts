/** Why a request is not admitted: becomes an HTTP problem instead of an upgrade. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  /** Stable, for programs. */
  readonly code: string

  constructor(status: number, code: string, detail: string, options?: { cause: unknown }) {
    super(detail, options)
    this.status = status
    this.code = code
  }
}
