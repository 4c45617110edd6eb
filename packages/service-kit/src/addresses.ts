import { isIPv6 } from 'node:net'

/** How a socket that listens on both families names an address of IPv4 (RFC 4291, section 2.5.5.2). */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Groups of an IPv6 address, and those of them that name a network. */
const GROUPS = 8
const NETWORK_GROUPS = 4

/** An address of IPv4 as such, also where it is mapped into IPv6. */
export function plainAddress(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address
}

/**
 * What an address is counted as: itself, or its /64, as the least that a customer of a provider has.
 * Anything else, a user's id for example, is returned as it is.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address)
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.replace(/%.*/, '').split('::')
  const groupsOf = (part: string | undefined) => (part ? part.split(':') : [])
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  const zeros = Array<string>(GROUPS - before.length - after.length).fill('0')
  const network = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS)
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/**
 * Whom a request is from, behind so many proxies that each append to `X-Forwarded-For` whom they received
 * it from. What a client says itself is before that, and is not believed.
 */
export function clientAddress(request: {
  /** The other end of the connection. */
  peer: string
  forwardedFor: string
  trustedProxies: number
}): string {
  const { peer, forwardedFor, trustedProxies } = request
  const hops = forwardedFor.split(',').map((hop) => hop.trim())
  const passed = [...hops.filter((hop) => hop !== ''), peer].slice(-1 - trustedProxies)
  return passed[0] ?? peer
}
