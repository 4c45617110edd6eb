import { findProgram } from './apt.ts'

/** promtool, or undefined where there is none and tests may not install it. */
export const promtool = await findProgram(
  ['/usr/bin/promtool', '/usr/local/bin/promtool'],
  'prometheus',
)
