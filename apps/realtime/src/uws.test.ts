import { createRequire } from 'node:module'
import { StartupError } from '@mindfuse/service-kit'
import { expect, test } from 'vitest'
import { loadUWebSockets } from './uws.ts'

const NEW_BUILD = 'uWebSockets.js'
const OLD_BUILD = '@trufflesuite/uws-js-unofficial'

/** A `require` that knows these modules, and the ids that it was asked for. */
function requireOf(modules: (id: string) => unknown) {
  const asked: string[] = []
  return {
    asked,
    require: (id: string) => {
      asked.push(id)
      const found = modules(id)
      if (!found) throw new Error(`first line\nCannot load ${id}\n`)
      return found
    },
  }
}

test('the newer build is taken where it loads, and the older not touched', () => {
  const build = {}
  const { asked, require } = requireOf((id) => id === NEW_BUILD && build)
  expect(loadUWebSockets(require)).toBe(build)
  expect(asked).toEqual([NEW_BUILD])
})

test('the binary of the older build is taken where the newer does not load', () => {
  const build = {}
  const { asked, require } = requireOf((id) => id.startsWith(OLD_BUILD) && build)
  expect(loadUWebSockets(require)).toBe(build)
  expect(asked.map((id) => id.split('/binaries/')[0])).toEqual([NEW_BUILD, OLD_BUILD])
  expect(asked[1]).toBe(
    `${OLD_BUILD}/binaries/uws_${process.platform}_${process.arch}_${process.versions.modules}.node`,
  )
})

test('the older build is never asked for its main module, which falls back to JavaScript', () => {
  const { asked, require } = requireOf(() => undefined)
  expect(() => loadUWebSockets(require)).toThrow()
  for (const id of asked) expect(id === NEW_BUILD || id.endsWith('.node')).toBe(true)
})

test('where neither loads the error says why for each, and what to install', () => {
  const { require } = requireOf(() => undefined)
  const load = () => loadUWebSockets(require)
  expect(load).toThrow(StartupError)
  expect(load).toThrow(`on ${process.platform}-${process.arch} with Node ${process.version}`)
  expect(load).toThrow(`  ${NEW_BUILD}: Cannot load ${NEW_BUILD}\n`)
  expect(load).toThrow(new RegExp(`^ {2}${OLD_BUILD}/binaries/\\S+: Cannot load`, 'm'))
  expect(load).toThrow('glibc 2.38 (Debian 13, Ubuntu 24.04), or Node 20 with glibc 2.27')
  expect(load).toThrow('`npm install`')
})

test('on this machine a native build loads', () => {
  const uws = loadUWebSockets()
  expect(uws.LIBUS_LISTEN_EXCLUSIVE_PORT).toBe(1)
  for (const name of ['App', 'us_listen_socket_close', 'us_socket_local_port'] as const) {
    expect(uws[name]).toBeTypeOf('function')
  }
  const loaded = Object.keys(createRequire(import.meta.url).cache)
  expect(loaded.filter((path) => /uws_.*\.node$/.test(path))).not.toEqual([])
  expect(loaded.filter((path) => path.includes(`${OLD_BUILD}/dist/`))).toEqual([])
})
