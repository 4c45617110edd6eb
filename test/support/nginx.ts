import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@mindfuse/testing'
import { findProgram } from './apt.ts'
import { pickPort } from './ports.ts'

const CONFIGURATION = fileURLToPath(new URL('../../deploy/nginx/', import.meta.url))

/** When nginx takes a server for gone. */
const LIMITS = ' max_fails=1 fail_timeout=2s'

/** nginx, or undefined where there is none and tests may not install it. */
export const nginx = await findProgram(['/usr/sbin/nginx', '/usr/local/sbin/nginx'], 'nginx-light')

/** The nginx of `deploy/nginx`, with a copy of the configuration that a test may change. */
export class Nginx {
  readonly directory: string
  readonly origin: string
  readonly #port: number
  #process: ChildProcess | undefined

  private constructor(directory: string, port: number) {
    this.directory = directory
    this.origin = `http://127.0.0.1:${port}`
    this.#port = port
  }

  static async create(): Promise<Nginx> {
    const directory = await mkdtemp(join(tmpdir(), 'mindfuse-nginx-'))
    await cp(CONFIGURATION, directory, { recursive: true })
    return new Nginx(directory, await pickPort())
  }

  /** Changes a file of the configuration, every place of which has to be there. */
  async change(file: string, replacements: Record<string, string>): Promise<void> {
    let text = await readFile(join(this.directory, file), 'utf8')
    for (const [from, to] of Object.entries(replacements)) {
      if (!text.includes(from)) throw new Error(`${from} is not in ${file}`)
      text = text.replaceAll(from, to)
    }
    await writeFile(join(this.directory, file), text)
  }

  /** Puts addresses in the place of names that only Compose knows. */
  async pointAt(apis: readonly string[], gateways: readonly [string, string]): Promise<void> {
    await this.change('upstreams.conf', {
      'api:8080': apis.join(`${LIMITS};\n  server `),
      'realtime:8081': gateways[0],
      'realtime-2:8081': gateways[1],
    })
  }

  /** Everything printed so far. */
  printed(): string {
    return readFileSync(this.#logFile, 'utf8')
  }

  /** What nginx says of its configuration. */
  async check(): Promise<string> {
    const child = this.#run(['-t'])
    await new Promise((resolve) => child.once('exit', resolve))
    const text = this.printed()
    await rm(this.#logFile)
    return text
  }

  async start(): Promise<void> {
    await this.change('server.conf', { 'listen 8080': `listen ${this.#port}` })
    // Several on one machine have a file each.
    await this.change('nginx.conf', { '/tmp/nginx.pid': join(this.directory, 'nginx.pid') })
    await this.change('http.conf', { ' /tmp/nginx-': ` ${this.directory}/` })
    const child = this.#run(['-g', 'daemon off; user root;'])
    this.#process = child
    await eventually('nginx answers', async () => {
      if (child.exitCode !== null) throw new Error(this.printed())
      return (await fetch(`${this.origin}/health`)).ok
    })
  }

  /** Ends it if it runs, and removes its files. */
  async remove(): Promise<void> {
    const child = this.#process
    if (child && child.exitCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await exited
    }
    await rm(this.directory, { recursive: true, force: true })
  }

  /** What nginx prints goes to a file: what Node makes for a pipe is a socket, which is no /dev/stdout. */
  get #logFile(): string {
    return join(this.directory, 'log')
  }

  #run(args: string[]): ChildProcess {
    const log = openSync(this.#logFile, 'a')
    const child = spawn(nginx!, ['-c', join(this.directory, 'nginx.conf'), ...args], {
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    return child
  }
}
