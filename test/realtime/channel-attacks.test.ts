import type { Socket } from 'node:net'
import { CLOSE_CODES, MAX_BROADCAST_BYTES } from '@mindfuse/protocol'
import { type ChannelClient, eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWithChannels } from '../support/channels.ts'
import { expectHealthy, startGatewayProcess } from '../support/gateway-process.ts'

/** What a client that reads nothing asks for at a time. */
const QUESTIONS = 100

/** A topic that is none, and as long as any that is read: the answer repeats it, with six bytes for each character. */
const LONG_TOPIC = '\u0001'.repeat(128)

const test = testWithChannels({ gateways: 0 })
  // At this level it prints nothing, unless something goes wrong.
  .extend('gateway', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
    const gateway = await startGatewayProcess(stack, { logLevel: 'error' })
    onCleanup(async () => {
      await gateway.stop('SIGKILL')
    })
    return gateway
  })
  .extend('realtimeUrls', ({ gateway }) => [gateway.realtimeUrl])
  .extend('witness', ({ connect, topic, ada }) => connect(ada, { join: [topic] }))
  .extend('attacker', ({ connect, topic, alan }) => connect(alan, { join: [topic] }))

test.afterEach(async ({ gateway, witness, topic }) => {
  const answer = await witness.ask({ type: 'channel:presence', topic, state: 1 })
  expect(answer).toMatchObject({ status: 'ok' })
  expectHealthy([gateway])
})

const lineOf = ({ socket }: ChannelClient) => (socket as unknown as { _socket: Socket })._socket

describe('CHAN-8 BAD-4: a frame that is no message closes its sender alone with 4400', () => {
  test.for<[what: string, text: string]>([
    ['nothing', ''],
    ['null', 'null'],
    ['a list of messages', '[{"type":"channel:join","topic":"TOPIC"}]'],
    ['half a message', '{"type":"channel:join","topic":"TOP'],
    ['a message of a board', '{"type":"presence:update","cursor":null,"selection":[]}'],
    ['a message of the server', '{"type":"channel:joined","topic":"TOPIC","connectionId":"x"}'],
    ['a join as somebody else', '{"type":"channel:join","topic":"TOPIC","userId":"x"}'],
    ['a join with a role', '{"type":"channel:join","topic":"TOPIC","role":"owner"}'],
    ['a join with a __proto__', '{"type":"channel:join","topic":"TOPIC","__proto__":{"a":1}}'],
    ['a list of topics', '{"type":"channel:join","topic":["TOPIC"]}'],
    ['a topic without an end', `{"type":"channel:join","topic":"${'x'.repeat(129)}"}`],
    ['no topic', '{"type":"channel:leave"}'],
    ['a ref that is text', '{"type":"channel:leave","topic":"TOPIC","ref":"1"}'],
    ['a negative ref', '{"type":"channel:leave","topic":"TOPIC","ref":-1}'],
    ['a ref that is no number', '{"type":"channel:leave","topic":"TOPIC","ref":1e999}'],
    ['no state', '{"type":"channel:presence","topic":"TOPIC"}'],
    [
      'presence of somebody else',
      '{"type":"channel:presence","topic":"TOPIC","state":1,"user":{}}',
    ],
    [
      'a broadcast of somebody else',
      '{"type":"channel:broadcast","topic":"TOPIC","event":"a","payload":1,"user":{}}',
    ],
    ['depth', '['.repeat(MAX_BROADCAST_BYTES)],
  ])('%s', async ([_, text], { attacker, witness, topic }) => {
    attacker.socket.send(text.replaceAll('TOPIC', topic))
    expect(await attacker.closeCode()).toBe(CLOSE_CODES.MALFORMED)
    expect(witness.closed).toBeUndefined()
    expect(witness.presenceOf(topic).size).toBe(0)
  })
})

test('CHAN-8: presence and broadcasts may be any JSON, and nothing but JSON', async ({
  attacker,
  witness,
  topic,
}) => {
  const text =
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"topic":"x"}'
  attacker.socket.send(`{"type":"channel:presence","topic":"${topic}","state":${text}}`)
  attacker.socket.send(
    `{"type":"channel:broadcast","topic":"${topic}","event":"__proto__","payload":${text}}`,
  )
  const { payload } = await witness.heard('channel:broadcast', ({ event }) => event === '__proto__')
  expect(JSON.stringify(payload)).toBe(text)
  await eventually('the state arrives', () => {
    const [presence] = witness.presenceOf(topic).values()
    return JSON.stringify(presence?.state) === text
  })
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

test('CHAN-8: depth as far as a frame has room for it is refused, and closes nothing', async ({
  attacker,
  topic,
}) => {
  const half = (MAX_BROADCAST_BYTES - 200) / 2
  const deep = `${'['.repeat(half)}${']'.repeat(half)}`
  const head = `"topic":"${topic}","ref":1000`
  attacker.socket.send(`{"type":"channel:presence",${head},"state":${deep}}`)
  attacker.socket.send(`{"type":"channel:broadcast",${head},"event":"a","payload":${deep}}`)
  const refusals = await eventually('both are refused', () => {
    const found = attacker.messages.filter((message) => 'code' in message)
    return found.length === 2 ? found : undefined
  })
  const tooLarge = { type: 'channel:reply', topic, ref: 1_000, status: 'error', code: 'too_large' }
  expect(refusals).toEqual([tooLarge, tooLarge])
  expect(attacker.closed).toBeUndefined()
})

test('CHAN-2: a ref that is used again is answered again, and says nothing to others', async ({
  attacker,
  witness,
  topic,
}) => {
  const ref = Number.MAX_SAFE_INTEGER
  attacker.say({ type: 'channel:join', topic, ref })
  attacker.say({ type: 'channel:broadcast', topic, ref, event: 'wave', payload: 1 })
  attacker.say({ type: 'channel:leave', topic, ref })
  attacker.say({ type: 'channel:leave', topic, ref })
  const answers = await eventually('all are answered', () => {
    const replies = attacker.messages.filter((message) => 'ref' in message && message.ref === ref)
    return replies.length === 4 ? replies : undefined
  })
  const outcomes = answers.map((answer) => ('code' in answer ? answer.code : 'ok'))
  expect(outcomes.sort()).toEqual(['already_joined', 'not_joined', 'ok', 'ok'])
  await witness.heard('channel:broadcast')
  expect(JSON.stringify(witness.messages)).not.toContain(`${ref}`)
})

test('CHAN-6 LIM-7: a client that reads nothing, and goes on asking, is closed at its budget', async ({
  attacker,
  witness,
  gateway,
}) => {
  lineOf(attacker).pause()
  const tooSlow = () => gateway.metric(`realtime_closes_total{code="${CLOSE_CODES.TOO_SLOW}"}`)
  const question = JSON.stringify({ type: 'channel:leave', topic: LONG_TOPIC })
  await eventually('it is closed', async () => {
    for (let i = 0; i < QUESTIONS; i++) attacker.socket.send(question)
    return (await tooSlow()) === 1
  })
  // Its channels end with it.
  expect(await gateway.metric('realtime_channel_members')).toBe(1)
  lineOf(attacker).resume()
  expect(await attacker.closeCode()).toBe(CLOSE_CODES.TOO_SLOW)
  expect(witness.closed).toBeUndefined()
  expect(attacker.messages.filter((message) => 'code' in message).length).toBeGreaterThan(QUESTIONS)
})
