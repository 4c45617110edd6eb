/** How long a store may take to answer before it counts as away, milliseconds. */
const CHECK_TIMEOUT_MS = 2_000

/** Whether a store answers, and in time. */
export async function answersInTime(answer: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS)
  })
  const answered = answer.then(
    () => true,
    () => false,
  )
  const result = await Promise.race([answered, timeout])
  clearTimeout(timer)
  return result
}
