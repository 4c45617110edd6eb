import { eventually } from '@mindfuse/testing'
import type { ComposeService } from './compose.ts'
import { engine, logsOf } from './engine.ts'
import type { Image } from './images.ts'

/** How long a container may take until it is healthy, milliseconds. */
const HEALTHY_TIMEOUT_MS = 60_000

/** A running container. */
export interface Container {
  output(): Promise<string>
  /** Waits until the image's own health check passes. */
  healthy(): Promise<void>
  /** Runs a command inside, and returns what it prints. */
  exec(...command: string[]): Promise<string>
  /** Waits until it ends by itself. */
  exitCode(): Promise<number>
  /** Sends SIGTERM, grants the service's grace period, and returns the exit code. */
  stop(): Promise<number>
  remove(): Promise<void>
}

/**
 * Runs an image the way a service of the compose file asks for, with nothing but its `environment`
 * set, on the network of this machine.
 */
export async function runContainer(image: Image, service: ComposeService): Promise<Container> {
  const { environment, command = [], read_only, cap_drop = [], security_opt = [] } = service
  const { volumes = [] } = service
  const id = await engine(
    'run',
    '--detach',
    '--network=host',
    ...(read_only ? ['--read-only'] : []),
    ...cap_drop.map((capability) => `--cap-drop=${capability}`),
    ...security_opt.map((option) => `--security-opt=${option}`),
    // Of their own, whatever their names.
    ...volumes.map((volume) => `--volume=${volume.split(':').at(-1)}`),
    ...Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`),
    image.name,
    ...command,
  )
  const inspect = async () => JSON.parse(await engine('inspect', id))[0]
  const exec = (...words: string[]) => engine('exec', id, ...words)
  const exitCode = async (): Promise<number> => Number(await engine('wait', id))
  return {
    output: () => logsOf(id),
    exec,
    exitCode,
    async healthy() {
      const { Config } = await inspect()
      const [, ...check] = Config.Healthcheck.Test
      await eventually(
        `${image.command.at(-1)} is healthy`,
        () => isHealthy(check),
        HEALTHY_TIMEOUT_MS,
      )
    },
    async stop() {
      await engine(
        'stop',
        '--time',
        `${Number.parseInt(service.stop_grace_period ?? '10', 10)}`,
        id,
      )
      return exitCode()
    },
    async remove() {
      await engine('rm', '--force', '--volumes', id)
    },
  }

  async function isHealthy(check: string[]): Promise<boolean> {
    const { State } = await inspect()
    if (!State.Running) throw new Error(await logsOf(id))
    await exec(...check)
    return true
  }
}
