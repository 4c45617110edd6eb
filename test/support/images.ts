import { randomBytes } from 'node:crypto'
import { engine } from './engine.ts'

/** An image that a test built. */
export interface Image {
  name: string
  user: string
  command: string[]
  labels: Record<string, string>
  /** Its base included. */
  sizeBytes: number
  /** Runs a command in a container of its own, and returns what it prints. */
  run(...command: string[]): Promise<string>
  remove(): Promise<void>
}

/**
 * Builds an image of one of our Dockerfiles.
 * @param build.target the stage; the last by default
 */
export async function buildImage(build: {
  dockerfile: string
  target?: string
  arguments?: Record<string, string>
}): Promise<Image> {
  const name = `localhost/mindfuse-test-${randomBytes(4).toString('hex')}`
  const given = Object.entries(build.arguments ?? {}).map(([key, value]) => `${key}=${value}`)
  await engine(
    'build',
    '--pull=false',
    ...(build.target === undefined ? [] : ['--target', build.target]),
    ...given.flatMap((argument) => ['--build-arg', argument]),
    ...['--file', build.dockerfile],
    ...['--tag', name],
    '.',
  )
  const [{ Config, Size }] = JSON.parse(await engine('image', 'inspect', name))
  return {
    name,
    user: Config.User,
    command: Config.Cmd,
    labels: Config.Labels,
    sizeBytes: Size,
    run: (...command) => engine('run', '--rm', '--network=none', name, ...command),
    remove: async () => {
      await engine('rmi', name)
    },
  }
}
