import type { FastifySchema } from 'fastify'

/** A route's schema with the name and the sentence under which the API's description has it. */
export const operation = <Schema extends FastifySchema>(
  operationId: string,
  summary: string,
  schema: Schema,
): Schema & { operationId: string; summary: string } => ({ operationId, summary, ...schema })
