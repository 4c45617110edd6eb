import { readFileSync } from 'node:fs'

/** How often the process that started us is checked, milliseconds. */
const POLL_MS = 500

/** What npm runs a script with, where that stays between npm and us. */
const SHELLS = ['sh', 'dash', 'ash', 'bash', 'busybox']

/**
 * Calls back once the npm that started this process is gone. npm forwards SIGINT and SIGTERM alone:
 * after a SIGHUP or a SIGKILL it ends, and what it runs would stay behind without a terminal. A process
 * learns of its parent's end only by asking. Without npm nothing is watched, since a process that a
 * shell puts into the background is meant to outlive that shell.
 */
export function onLauncherGone(environment: NodeJS.ProcessEnv, callback: () => void): void {
  if (environment.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const npm = parentOfShell(parent)
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOfShell(parent) === npm)) return
    clearInterval(timer)
    callback()
  }, POLL_MS)
  timer.unref()
}

/**
 * The parent of a process that is a shell. Undefined for any other, and where there is no `/proc`: the
 * shell of macOS gives its place to the one command it runs, and npm is our parent itself.
 */
function parentOfShell(pid: number): number | undefined {
  try {
    // `pid (name) state parent …`, as in proc(5); a name may hold spaces and parentheses.
    const [, name = '', parent] =
      /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return SHELLS.includes(name) ? Number(parent) : undefined
  } catch {
    return undefined
  }
}
