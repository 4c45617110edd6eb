/** How questions are put together. */
export interface GatherOptions<Question, Answer> {
  /** The same for questions that have the same answer. */
  keyOf(question: Question): string
  /** Answers questions, in their order. Where it rejects, so does each of them. */
  ask(questions: readonly Question[]): Promise<readonly Answer[]>
  /** Most questions asked at a time. */
  maxQuestions: number
  /** Most times that {@link GatherOptions.ask} is under way; what comes meanwhile waits. */
  maxAtOnce: number
}

interface Waiting<Question, Answer> {
  question: Question
  answer: Promise<Answer>
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/**
 * Puts questions together that come in one turn of the event loop, or while others are under way:
 * whoever arrives in a crowd shares the price of one request. The same question is asked once. No
 * question is answered from what was found out before it was put, and none is remembered; the
 * caller sees to it that not too many wait.
 */
export function gather<Question, Answer>(
  options: GatherOptions<Question, Answer>,
): (question: Question) => Promise<Answer> {
  const { keyOf, ask, maxQuestions, maxAtOnce } = options
  const waiting = new Map<string, Waiting<Question, Answer>>()
  let isDue = false
  let underWay = 0

  const askSome = async (batch: readonly Waiting<Question, Answer>[]): Promise<void> => {
    underWay++
    try {
      const answers = await ask(batch.map(({ question }) => question))
      if (answers.length !== batch.length) throw new Error('not as many answers as questions')
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i] as Answer)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    underWay--
    if (!isDue) askAll()
  }

  const askAll = (): void => {
    isDue = false
    while (waiting.size > 0 && underWay < maxAtOnce) {
      const batch = [...waiting].slice(0, maxQuestions)
      for (const [key] of batch) waiting.delete(key)
      void askSome(batch.map(([, question]) => question))
    }
  }

  return (question) => {
    const key = keyOf(question)
    const known = waiting.get(key)
    if (known) return known.answer
    const { promise: answer, resolve, reject } = withResolvers<Answer>()
    waiting.set(key, { question, answer, resolve, reject })
    if (!isDue) {
      isDue = true
      setImmediate(askAll)
    }
    return answer
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<Value>() {
  let resolve!: (value: Value) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<Value>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}
