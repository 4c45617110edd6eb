import { setPriority } from 'node:os'
import { createBoard, signIn } from '@mindfuse/testing'
import { type Backend, type Gateway, startBackend } from '../backend.ts'
import { Attack, sleep } from './attack.ts'
import { Bystander } from './bystander.ts'
import { DOCUMENT_CASES } from './cases/documents.ts'
import { GATEWAY_CASES } from './cases/gateway.ts'
import { MemoryWatch, type Peak } from './memory.ts'

const MEBIBYTE = 1024 * 1024
const MAX_API_MIB = 700
const MAX_GATEWAY_MIB = 600
const MAX_SAVED_P99_MS = 500

/** How long the bystander is watched without an attack, and after each, milliseconds. */
const QUIET_MS = 3_000

/** An attacker has a machine of their own: here it does not take the services' share of the cores. */
const ATTACK_NICENESS = 10

const CASES: Record<string, (attack: Attack) => Promise<string>> = {
  ...DOCUMENT_CASES,
  ...GATEWAY_CASES,
}

/** What one person can do to everyone else: to the memory of the services, and to someone on another board. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2)
  const names = Object.keys(CASES).filter(
    (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  )
  const backend = await startBackend({ niceness: 0 })
  try {
    const gateway = await backend.startGateway()
    if (!(await measure(backend, gateway, names))) process.exitCode = 1
  } finally {
    await backend.stop()
  }
}

/** @returns whether every bound held */
async function measure(backend: Backend, gateway: Gateway, names: string[]): Promise<boolean> {
  const { apiUrl, pool } = backend
  const realtimeUrl = `ws://127.0.0.1:${gateway.port}/ws`
  const { accessToken } = await signIn(apiUrl, 'bystander@example.com')
  const boardId = await createBoard(apiUrl, accessToken)
  const bystander = await Bystander.start({ apiUrl, realtimeUrl, boardId, accessToken })
  setPriority(ATTACK_NICENESS)
  const memory = new MemoryWatch({ api: backend.apiPid, gateway: gateway.pid })
  process.stdout.write(
    '| case | answer | API, MiB | its children | gateway, MiB | saved p99, ms | answered at most, ms | failed |\n|---|---|---|---|---|---|---|---|\n',
  )
  let isHeld = true
  try {
    for (const name of ['nothing', ...names]) {
      const attack = await Attack.begin({ apiUrl, realtimeUrl, pool })
      await bystander.take()
      memory.take('api')
      memory.take('gateway')
      const answer = await (CASES[name]?.(attack) ?? Promise.resolve('')).catch(
        (error: Error) => error.message,
      )
      await sleep(QUIET_MS)
      attack.end()
      const { savedP99Ms, answeredMs, failures } = await bystander.take()
      const api = memory.take('api')
      const gatewayPeak = memory.take('gateway')
      const isGood =
        mebibytes(api) < MAX_API_MIB &&
        mebibytes(gatewayPeak) < MAX_GATEWAY_MIB &&
        savedP99Ms < MAX_SAVED_P99_MS &&
        failures.length === 0
      isHeld &&= isGood
      const cells = [
        isGood ? name : `**${name}**`,
        answer,
        mebibytes(api),
        Math.round(api.children / MEBIBYTE),
        mebibytes(gatewayPeak),
        Math.round(savedP99Ms),
        Math.round(Math.max(0, ...answeredMs)),
        failures.length === 0 ? 0 : `${failures.length}: ${[...new Set(failures)].join(', ')}`,
      ]
      process.stdout.write(`| ${cells.join(' | ')} |\n`)
    }
    return isHeld
  } finally {
    memory.stop()
    await bystander.stop()
  }
}

const mebibytes = ({ own }: Peak) => Math.round(own / MEBIBYTE)

await main()
