// The plots of docs/performance.md, as SVG, by Vega-Lite: a specification of each is all that is ours.
import { parse, View } from 'vega'
import { compile } from 'vega-lite'

const draw = (specification) =>
  new View(parse(compile({ background: 'white', config: { aria: false }, ...specification }).spec), {
    renderer: 'none',
  }).toSVG()

const COLOURS = { bare: '#111827', memory: '#2563eb', file: '#9333ea', ledis: '#d97706', redis: '#dc2626' }

const SCENARIOS = ['read', 'write', 'create']
const KINDS = ['@sess', 'by hand', 'others']

/** Requests a second over the hand-written minimum: bars, a column for each scenario, ours in another colour. */
export function ratios(subjects) {
  const values = subjects.flatMap(({ name, scenarios }) =>
    SCENARIOS.map((scenario) => ({
      name,
      scenario,
      kind: { sess: '@sess', minimum: 'by hand' }[name.split('-')[0]] ?? 'others',
      ratio: scenarios[scenario]?.overMinimum?.median,
    })),
  )
  return draw({
    data: { values: values.filter(({ ratio }) => ratio !== undefined) },
    facet: { column: { field: 'scenario', sort: SCENARIOS, title: null } },
    spec: {
      width: 190,
      height: { step: 15 },
      encoding: {
        y: { field: 'name', sort: null, title: null, axis: { labelLimit: 270 } },
        x: { field: 'ratio', type: 'quantitative', title: 'over the hand-written minimum' },
      },
      layer: [
        {
          mark: 'bar',
          encoding: {
            color: { field: 'kind', title: null, scale: { domain: KINDS, range: ['#2563eb', '#d1d5db', '#6b7280'] } },
          },
        },
        { mark: { type: 'text', align: 'left', dx: 3 }, encoding: { text: { field: 'ratio', format: '.2f' } } },
      ],
    },
  })
}

const POWERS = Array.from({ length: 7 }, (_, n) => 10 ** n)
const LOGARITHMIC = { type: 'quantitative', scale: { type: 'log' }, axis: { format: '~s', values: POWERS } }

/** What growth.mjs measured: lines, a panel for each axis, both scales logarithmic. */
export function growth(results) {
  const panels = [
    { axis: 'sessions', x: 'sessions in the store', y: 'µs of CPU for a read' },
    { axis: 'read size', x: 'bytes of the session', y: 'µs of CPU for a read' },
    { axis: 'write size', x: 'bytes of the session', y: 'µs of CPU for a write' },
    { axis: 'connections', x: 'requests at a time', y: 'requests a second' },
  ]
  return draw({
    columns: 2,
    concat: panels.map(({ axis, x, y }) => ({
      width: 300,
      height: 200,
      data: { values: results.filter((result) => result.axis === axis) },
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'at', title: x, ...LOGARITHMIC },
        y: { field: 'value', title: y, ...LOGARITHMIC },
        color: {
          field: 'backend',
          title: null,
          scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
        },
      },
    })),
  })
}
