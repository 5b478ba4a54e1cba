const BAR = 14
const LABEL = 270
const WIDTH = 420

/** Bars as SVG: req/s over the hand-written minimum, a group for each backend, ours in another colour. */
export function barsOf(subjects, backends) {
  const parts = []
  let y = 34
  const figures = subjects.filter(({ scenarios, backend }) => backends.includes(backend) && scenarios.read?.overMinimum)
  const most = Math.max(...figures.flatMap(({ scenarios: { read, write } }) => [read, write].map(valueOf)))
  const scale = WIDTH / most
  for (const backend of backends) {
    parts.push(text(8, y, backend, 'bold'))
    y += BAR + 6
    for (const { name, scenarios } of figures.filter((subject) => subject.backend === backend)) {
      parts.push(text(16, y, name))
      for (const [scenario, shade] of [
        ['read', 1],
        ['write', 0.55],
      ]) {
        const value = valueOf(scenarios[scenario])
        const colour = name.startsWith('sess-') ? '#2563eb' : '#9ca3af'
        parts.push(
          `<rect x="${LABEL}" y="${y - 10}" width="${(value * scale).toFixed(1)}" height="${BAR - 2}" fill="${colour}" opacity="${shade}"/>`,
          text(LABEL + value * scale + 5, y, `${value.toFixed(2)} ${scenario}`),
        )
        y += BAR
      }
      y += 4
    }
    y += 8
  }
  const one = LABEL + scale
  const line = `<line x1="${one}" x2="${one}" y1="20" y2="${y}" stroke="#dc2626" stroke-dasharray="3 3"/>${text(one - 30, 14, 'by hand')}`
  const font = 'font-family="system-ui, sans-serif" font-size="11"'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL + WIDTH + 90}" height="${y}" ${font}><rect width="100%" height="100%" fill="#ffffff"/>${parts.join('')}${line}</svg>\n`
}

const valueOf = (figures) => figures?.overMinimum?.median ?? 0

const text = (x, y, content, weight = 'normal') =>
  `<text x="${x.toFixed(1)}" y="${y}" font-weight="${weight}" fill="#111827">${content}</text>`
