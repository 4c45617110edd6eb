import { readdir, readFile } from 'node:fs/promises'

/** The repository's `migrations/`, seen from `src/db` as from `dist/db`. */
export const MIGRATIONS_DIRECTORY = new URL('../../../../migrations/', import.meta.url)

const SECTIONS = /^-- migrate:up\n(?<up>.*?)^-- migrate:down\n(?<down>.*)$/ms

/** A step of the schema, as a file has it. */
export interface Step {
  name: string
  /** SQL that applies it. */
  up: string
  /** SQL that undoes it. */
  down: string
}

/** The steps of this release, in their order. */
export async function readSteps(directory: URL): Promise<Step[]> {
  const names = await readStepNames(directory)
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(`${name}.sql`, directory), 'utf8')
      const { up, down } = SECTIONS.exec(text)?.groups ?? {}
      if (!up || !down) {
        throw new Error(`${name} needs a "-- migrate:up" and a "-- migrate:down" section`)
      }
      return { name, up, down }
    }),
  )
}

/** The names of {@link readSteps}. */
export async function readStepNames(directory: URL): Promise<string[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql'))
  return files.map((file) => file.replace(/\.sql$/, '')).sort()
}
