/**
 * The addresses of this machine at which the cookies of `localhost` do not count, so that signing in
 * would fail: those with the port of `publicUrl`, where that is `localhost`.
 */
export function loopbackAliases(publicUrl: string): readonly string[] {
  const { hostname, host } = new URL(publicUrl)
  if (hostname !== 'localhost') return []
  return ['127.0.0.1', '[::1]'].map((address) => host.replace(hostname, address))
}
