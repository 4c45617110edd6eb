import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseCrossSite } from './csrf.ts'
import { ApiError } from './errors.ts'

const WEB = 'https://whiteboard.example'
const API = 'https://api.example'

const ALLOWED = [
  ['a program, which sends neither header', undefined, undefined],
  ['the web app on another site', WEB, 'cross-site'],
  ['the web app on the same site', WEB, 'same-site'],
  ['the web app in a browser without Fetch Metadata', WEB, undefined],
  ['a page of the API itself', API, 'same-origin'],
  ['a page of the API that sends no Origin', undefined, 'same-origin'],
  ['somebody who typed the address', undefined, 'none'],
] as const

const REFUSED = [
  ['another site', 'https://evil.example', 'cross-site'],
  ['another site that sends no Origin', undefined, 'cross-site'],
  ['another host of the same site', 'https://blog.whiteboard.example', 'same-site'],
  ['another host of the same site that sends no Origin', undefined, 'same-site'],
  ['another site in a browser without Fetch Metadata', 'https://evil.example', undefined],
  ['a sandboxed page', 'null', 'cross-site'],
  ['a sandboxed page in a browser without Fetch Metadata', 'null', undefined],
  ['the web app over plain http', 'http://whiteboard.example', 'cross-site'],
  ['another port of the web app', `${WEB}:8443`, 'same-site'],
  ['a host that begins like the web app', `${WEB}.evil.example`, 'cross-site'],
  ['a host that ends like the web app', 'https://not-whiteboard.example', undefined],
  ['an empty Origin', '', undefined],
  ['a Fetch Metadata value of the future', undefined, 'sibling'],
  ['an empty Fetch Metadata value', undefined, ''],
] as const

describe('a request that goes by a cookie', () => {
  let app: FastifyInstance
  beforeAll(() => {
    app = Fastify()
    app.post('/', async (request) => {
      refuseCrossSite(request, (origin) => origin === WEB || origin === API)
      return 'done'
    })
    app.setErrorHandler((error, _request, reply) => {
      const { status, code } = error as ApiError
      return reply.code(error instanceof ApiError ? status : 500).send({ code })
    })
  })
  afterAll(() => app.close())

  const post = (origin: string | undefined, site: string | undefined) =>
    app.inject({
      method: 'POST',
      url: '/',
      headers: {
        ...(origin !== undefined && { origin }),
        ...(site !== undefined && { 'sec-fetch-site': site }),
      },
    })

  test.each(ALLOWED)('is taken from %s', async (_, origin, site) => {
    expect((await post(origin, site)).statusCode).toBe(200)
  })

  test.each(REFUSED)('is refused from %s', async (_, origin, site) => {
    const response = await post(origin, site)
    expect(response.statusCode).toBe(403)
    expect(response.json()).toEqual({ code: 'cross_site_request' })
  })
})
