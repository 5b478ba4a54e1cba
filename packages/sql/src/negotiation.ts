/**
 * Tries ways to connect, one after the other: with encryption, without it.
 * @param isRefused whether the next way may do better; any other failure is thrown
 */
export async function firstThatWorks<Way, T>(
  ways: readonly Way[],
  connect: (way: Way) => Promise<T>,
  isRefused: (error: unknown) => boolean,
): Promise<T> {
  for (const way of ways.slice(0, -1)) {
    try {
      return await connect(way)
    } catch (error) {
      if (!isRefused(error)) throw error
    }
  }
  return connect(ways.at(-1)!)
}
