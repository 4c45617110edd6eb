import type { Problem } from '@mindfuse/protocol'
import type { FastifyReply } from 'fastify'

/** Sends a problem as a page, to a browser that navigates to it. */
export type ErrorPage = (reply: FastifyReply, problem: Problem) => FastifyReply
