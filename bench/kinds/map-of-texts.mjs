/** A store of JSON texts in the memory of the process, for sessions by hand. */
export function mapOfTexts() {
  const texts = new Map()
  return {
    load: (id) => texts.get(id),
    create: (id, text) => void texts.set(id, text),
    remove: (id) => texts.delete(id),
  }
}
