import { readFileSync } from 'node:fs'
import { NODE_FLAGS } from '@mindfuse/service-kit'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(path, 'utf8')

const SERVICES = ['api', 'realtime'].map((service) => {
  const entry = `apps/${service}/dist/main.js`
  return { service, command: ['node', ...NODE_FLAGS[entry]!, '--enable-source-maps', entry] }
})

test.for(SERVICES)(
  'the script starts the $service with the flags of node-flags.ts',
  ({ service, command }) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    expect(scripts[`start:${service}`]).toContain(command.join(' '))
  },
)

test.for(SERVICES)(
  'the image starts the $service with the flags of node-flags.ts',
  ({ service, command }) => {
    const words = command.map((word) => `"${word}"`).join(', ')
    expect(read(`Dockerfile.${service}`)).toContain(`\nCMD [${words}]`)
  },
)
