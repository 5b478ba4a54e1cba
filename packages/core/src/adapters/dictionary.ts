/**
 * Express and the engine's hidden classes.
 * @module
 */

/** V8 before 13, which is up to Node 22. Runtimes that are not Node may not say. */
const { process } = globalThis as { process?: { versions?: { v8?: string } } }
const isSlowWithPrototypes = Number.parseInt(process?.versions?.v8 ?? '', 10) < 13

const FIRST = Symbol('first')
const SECOND = Symbol('second')

/**
 * Makes the engine keep an object's properties in a dictionary, where it makes a hidden class for each property that is
 * added to an object whose prototype was set: 1 to 2 µs each, and no cache of an access knows that class. Express sets the
 * prototypes of each request and response. The object is the same as before; engines that have learned better get none.
 */
export function asDictionaryIfQuicker(object: object): void {
  if (!isSlowWithPrototypes) return
  const bag = object as Record<symbol, unknown>
  bag[FIRST] = undefined
  bag[SECOND] = undefined
  delete bag[FIRST] // not the one that was added last: then the engine only goes back to the class before it
  delete bag[SECOND]
}
