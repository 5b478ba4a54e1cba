/** The number below which a part of them lies. @param {number[]} numbers @param {number} part */
const quantile = (numbers, part) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * part)]

/** @param {number[]} numbers */
export const median = (numbers) => quantile(numbers, 1 / 2)

/** Half of the way from the first quartile to the third, as a part of the median: half of all are that near to it. */
export const spread = (numbers) => (quantile(numbers, 3 / 4) - quantile(numbers, 1 / 4)) / 2 / median(numbers)

const ratio = (figure) => (figure ? `${figure.median.toFixed(2)} ±${Math.round(figure.spread * 100)} %` : '')

const COLUMNS = [
  ['÷ bare', 14, ({ overBare }) => ratio(overBare)],
  ['÷ minimum', 14, ({ overMinimum }) => ratio(overMinimum)],
  ['session µs', 12, ({ cpu }) => cpu.toFixed(1)],
  ['req/s', 9, ({ perSecond }) => String(Math.round(perSecond))],
  ['commands', 10, ({ commands }) => commands?.toFixed(2) ?? ''],
  ['lost of 50', 12, ({ lost }) => String(lost ?? '')],
  ['back of 20', 12, ({ back }) => String(back ?? '')],
  ['MB/100,000', 10, ({ memory }) => String(memory ?? '')],
]

/** Prints a report of `run.mjs`, a scenario at a time. */
export function printTable({ machine, taken, subjects }) {
  console.log(`${machine}; ${taken}`)
  for (const scenario of Object.keys(subjects[0].scenarios)) {
    console.log(`\n${scenario.padEnd(40)}${COLUMNS.map(([title, width]) => title.padEnd(width)).join('')}`)
    for (const { name, scenarios } of subjects) {
      const figures = scenarios[scenario]
      if (!figures) continue
      console.log(`  ${name.padEnd(38)}${COLUMNS.map(([, width, text]) => text(figures).padEnd(width)).join('')}`)
    }
  }
}
