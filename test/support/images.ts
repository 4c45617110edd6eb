import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import dockerignore from '@balena/dockerignore'
import { DockerfileParser } from 'dockerfile-ast'

const run = promisify(execFile)

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Where images are put together: below a directory that every user may enter. */
const PREFIX = join(tmpdir(), 'mindfuse-image-')

/** How long one RUN may take, milliseconds; installing is the slowest. */
const RUN_TIMEOUT_MS = 300_000

/** What a stage of a Dockerfile makes, in a directory that stands for the image's `/`. */
export interface Image {
  /** What stands for `/`. */
  root: string
  workdir: string
  base: string
  user: string | undefined
  command: string[]
  healthcheck: string[]
}

interface Step {
  keyword: string
  text: string
  flags: string[]
}

interface Stage {
  name: string
  base: string
  steps: Step[]
}

/** The stages of a Dockerfile of this repository, in order; the last is what is built by default. */
export async function readStages(dockerfile: string): Promise<Stage[]> {
  const stages: Stage[] = []
  const parsed = DockerfileParser.parse(await readFile(join(ROOT, dockerfile), 'utf8'))
  for (const instruction of parsed.getInstructions()) {
    const keyword = instruction.getKeyword()
    const text = instruction.getRawArgumentsContent() ?? ''
    const flags =
      'getFlags' in instruction ? (instruction as { getFlags(): object[] }).getFlags() : []
    if (keyword === 'FROM') {
      const [, base = '', name = `${stages.length}`] = /^(\S+)(?: AS (\S+))?$/.exec(text) ?? []
      stages.push({ name, base, steps: [] })
    } else {
      stages.at(-1)?.steps.push({ keyword, text, flags: flags.map(String) })
    }
  }
  return stages
}

/** Images of one Dockerfile, built one after the other. */
export interface Builder {
  dockerfile: string
  /** @param target the stage; the last by default */
  build(target?: string): Promise<Image>
  /** Deletes all that was built. */
  remove(): Promise<void>
}

/**
 * Does what a Dockerfile says without a container engine: each stage is a directory, COPY copies
 * (from the checkout what .dockerignore lets through), RUN runs in a shell. Stages that no target
 * needs are left out, as BuildKit does.
 */
export async function createBuilder(dockerfile: string): Promise<Builder> {
  const directory = await mkdtemp(PREFIX)
  await chmod(directory, 0o755)
  const stages = await readStages(dockerfile)
  const built = new Map<string, Image>()

  const build = async (name: string): Promise<Image> => {
    const known = built.get(name)
    if (known) return known
    const stage = stages.find((candidate) => candidate.name === name)
    if (!stage) throw new Error(`${dockerfile} has no stage ${name}`)
    const image: Image = {
      root: join(directory, name),
      workdir: '/',
      base: stage.base,
      user: undefined,
      command: [],
      healthcheck: [],
    }
    built.set(name, image)
    await mkdir(image.root)
    for (const step of stage.steps) await follow(step, image, build)
    return image
  }
  return {
    dockerfile,
    build: (target = stages.at(-1)?.name ?? '') => build(target),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

async function follow(
  { keyword, text, flags }: Step,
  image: Image,
  stage: (name: string) => Promise<Image>,
): Promise<void> {
  const workdir = join(image.root, image.workdir)
  switch (keyword) {
    case 'WORKDIR':
      image.workdir = text
      await mkdir(join(image.root, text), { recursive: true })
      return
    case 'COPY': {
      const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length)
      const words = text.split(/\s+/)
      const target = words.pop() ?? ''
      const destination = join(target.startsWith('/') ? image.root : workdir, target)
      for (const word of words) {
        const source = from === undefined ? join(ROOT, word) : join((await stage(from)).root, word)
        await copy(source, destination, {
          isFolder: target.endsWith('/') || words.length > 1,
          filter: from === undefined ? await contextFilter() : () => true,
        })
      }
      return
    }
    case 'RUN':
      await run('sh', ['-ec', text], { cwd: workdir, timeout: RUN_TIMEOUT_MS })
      return
    case 'USER':
      image.user = text
      return
    case 'CMD':
      image.command = JSON.parse(text)
      return
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(/^CMD (.*)$/s.exec(text)?.[1] ?? '')
      return
    case 'EXPOSE':
      return
    default:
      throw new Error(`${keyword} is not known here: teach it to this file`)
  }
}

/** A folder's content goes into the destination; a file becomes it, or goes into it. */
async function copy(
  source: string,
  destination: string,
  options: { isFolder: boolean; filter: (path: string) => boolean },
): Promise<void> {
  const isFile = (await stat(source)).isFile()
  const target = isFile && options.isFolder ? join(destination, basename(source)) : destination
  await cp(source, target, { recursive: true, verbatimSymlinks: true, filter: options.filter })
}

/** Which paths of the checkout belong to the build's context. */
async function contextFilter(): Promise<(path: string) => boolean> {
  const rules = await readFile(join(ROOT, '.dockerignore'), 'utf8')
  const ignored = dockerignore.default().add(rules)
  return (path) => {
    const inside = relative(ROOT, path)
    // The first pattern leaves everything out, so a folder above what is let in has to be entered.
    return inside === '' || !ignored.ignores(inside)
  }
}
