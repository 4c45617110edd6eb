import { decodeFrame, type ServerMessage } from '@mindfuse/protocol'
import { expect, test } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { RefusalNotices } from './refusal-notices.ts'

function client({ hasText }: { hasText: boolean }) {
  const told: string[] = []
  const connection = {
    hasText,
    send: (frame: Uint8Array) => {
      const decoded = decodeFrame(frame)
      told.push(decoded.kind === 'permission-denied' ? decoded.reason : decoded.kind)
    },
    sendMessage: (message: ServerMessage) => {
      if (message.type === 'sync:rejected') told.push(`${message.seq} ${message.code}`)
    },
  }
  return { told, connection: connection as unknown as Connection }
}

test('ACK-5: a text client is told of each edit', () => {
  const { told, connection } = client({ hasText: true })
  const notices = new RefusalNotices(() => 0)
  notices.send(connection, 'rate_limited', 1)
  notices.send(connection, 'rate_limited', 2)
  notices.send(connection, 'read_only', 3)
  expect(told).toEqual(['1 rate_limited', '2 rate_limited', '3 read_only'])
})

test('ACK-6: a stock client is told each reason once in five seconds, read_only once', () => {
  let now = 0
  const ada = client({ hasText: false })
  const alan = client({ hasText: false })
  const notices = new RefusalNotices(() => now)
  const sendAll = () => {
    for (const code of ['rate_limited', 'too_complex', 'read_only'] as const) {
      notices.send(ada.connection, code, 0)
    }
  }
  sendAll()
  now = 4_999
  sendAll()
  notices.send(alan.connection, 'rate_limited', 0)
  expect(ada.told).toEqual(['rate_limited', 'too_complex', 'read_only'])
  expect(alan.told).toEqual(['rate_limited'])
  now = 5_000
  sendAll()
  expect(ada.told.slice(3)).toEqual(['rate_limited', 'too_complex'])
})
