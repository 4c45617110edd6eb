import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** Writes which files failed, a line each, where `FAILED_FILES` says: `.ci/run` has them run once more. */
export default class FailedFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const path = process.env.FAILED_FILES
    if (!path) return
    const failed = modules.filter((module) => !module.ok()).map(({ moduleId }) => moduleId)
    // An error that belongs to no file is not one that a second run of files could settle.
    if (unhandledErrors.length > 0) failed.push('')
    writeFileSync(path, failed.map((file) => `${file}\n`).join(''))
  }
}
