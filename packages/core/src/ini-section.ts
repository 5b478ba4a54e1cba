/**
 * One section of an ini file, read as Go's ini package does (`gopkg.in/ini.v1`, with `SpaceBeforeInlineComment`): the
 * documented config strings hold `;` and `#`, so these begin a comment only at a line's start or after a blank.
 * @module
 */

const LINE = /^([^=:]+)[=:](.*)$/
const SECTION = /^\[(.*)\]\s*(?:[;#].*)?$/
/** Between backticks, double or single quotes: as it stands, no escapes. */
const QUOTED = /^\s*(?:`([^`]*)`|"([^"]*)"|'([^']*)')\s*(?:[;#].*)?$/
const INLINE_COMMENT = /\s[;#].*$/

/**
 * The keys and values of a section; the last of equal keys counts. Empty when there is no such section. A line that is
 * neither a section, a comment nor `KEY = value` is an entry with the value `undefined`.
 */
export function parseSection(text: string, section: string): Map<string, string | undefined> {
  const values = new Map<string, string | undefined>()
  let current = ''
  for (const line of linesOf(text)) {
    const name = SECTION.exec(line)?.[1]
    if (name !== undefined) current = name.trim()
    else if (current === section) addLine(values, line)
  }
  return values
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim()) // a byte order mark is a blank too
  return lines.filter((line) => line !== '' && !/^[;#]/.test(line))
}

function addLine(values: Map<string, string | undefined>, line: string): void {
  const [, key, value] = LINE.exec(line) ?? []
  if (key === undefined || value === undefined) values.set(line, undefined)
  else values.set(key.trim(), valueOf(value))
}

function valueOf(text: string): string {
  const [, ...quoted] = QUOTED.exec(text) ?? []
  return quoted.find((value) => value !== undefined) ?? text.replace(INLINE_COMMENT, '').trim()
}
