import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { clientAddress } from '@mindfuse/service-kit'

/** Whom a request is from. */
export type AddressReader = (response: HttpResponse, request: HttpRequest) => string

/** @param trustedProxies how many proxies in front of the gateway set `X-Forwarded-For` */
export function createAddressReader(trustedProxies: number): AddressReader {
  return (response, request) => {
    const peer = textOf(new Uint8Array(response.getRemoteAddress()))
    // Reading all headers costs more than all else that is read of a request.
    if (trustedProxies === 0) return peer
    return clientAddress({ peer, forwardedFor: forwardedFor(request), trustedProxies })
  }
}

/** All lines of the header: `getHeader` returns the first, which may be the client's own. */
function forwardedFor(request: HttpRequest): string {
  const lines: string[] = []
  request.forEach((name, value) => {
    if (name === 'x-forwarded-for') lines.push(value)
  })
  return lines.join()
}

/** uWebSockets.js gives the bytes of an address; as text, one of IPv4 that is mapped into IPv6 has no dots. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const isMapped =
    bytes.length === 16 && bytes.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff))
  if (isMapped) return bytes.subarray(-4).join('.')
  const groups = Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}
