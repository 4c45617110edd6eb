import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import type { Image } from './images.ts'

/** Whoever the images' `node` is; no file of an image is theirs. */
const UNPRIVILEGED = 1_000

/** How long a container may take until it says that it is well, milliseconds. */
const HEALTHY_TIMEOUT_MS = 60_000

/** A process that runs as a container would. */
export interface Container {
  child: ChildProcess
  output(): string
  /** Waits until the image's own check says that it is well. */
  healthy(): Promise<void>
  /** Sends SIGTERM, as `docker stop` does, and returns the exit code. */
  stop(): Promise<number | null>
  exitCode(): Promise<number | null>
}

/**
 * Runs an image's command from its working directory, with nothing but `environment` set, as a user
 * who may write nowhere in it (where the tests run as root).
 */
export function runContainer(
  image: Image,
  options: { environment: Record<string, string>; command?: string[] | undefined },
): Container {
  const start = (command: string[], stdio: 'ignore' | 'pipe') => {
    const [program = '', ...args] = command
    if (program !== 'node') throw new Error(`${program} is not in the image`)
    return spawn(process.execPath, args, {
      cwd: join(image.root, image.workdir),
      env: options.environment,
      stdio: ['ignore', stdio, stdio],
      ...(process.getuid?.() === 0 && { uid: UNPRIVILEGED, gid: UNPRIVILEGED }),
    })
  }
  const child = start(options.command ?? image.command, 'pipe')
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      printed += chunk
    })
  }
  const exited = codeOf(child)
  return {
    child,
    output: () => printed,
    healthy: async () => {
      await eventually(
        `${image.command.at(-1)} is well`,
        async () => {
          if (child.exitCode !== null) throw new Error(printed)
          return (await codeOf(start(image.healthcheck, 'ignore'))) === 0
        },
        HEALTHY_TIMEOUT_MS,
      )
    },
    stop() {
      child.kill('SIGTERM')
      return exited
    },
    exitCode: () => exited,
  }
}

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
}
