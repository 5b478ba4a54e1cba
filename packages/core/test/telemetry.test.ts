/** The OpenTelemetry example of docs/events.md, run with the real SDK. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import ts from 'typescript'
import { afterAll, expect, it } from 'vitest'
import { createManager } from '../src/index.js'
import { begin } from '../../../tools/testing/begin.js'
import { Spy } from './support/spy-provider.js'

const core = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(core, 'node_modules/.telemetry-'))
const spans = new InMemorySpanExporter()
const measures = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: measures })
const meterProvider = new MeterProvider({ readers: [reader] })
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await meterProvider.shutdown()
})

/** The snippet under the heading, as it stands. */
async function runExample(): Promise<void> {
  const page = readFileSync(join(core, '../../docs/events.md'), 'utf8').split('## OpenTelemetry')[1]!
  const [, code] = /^```ts\n(.*?)^```/ms.exec(page)!
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const script = join(folder, 'telemetry.mjs')
  writeFileSync(script, ts.transpileModule(code!, { compilerOptions: options }).outputText)
  await import(pathToFileURL(script).href)
}

it('the example of docs/events.md gives spans, durations and reasons', async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  metrics.setGlobalMeterProvider(meterProvider)
  await runExample()

  const spy = new Spy()
  const manager = createManager({ provider: spy.provider })
  const cookie = await begin(manager)
  await manager.read({ headers: { cookie } })
  spy.fail = () => new Error('down')
  await expect(manager.read({ headers: { cookie } })).rejects.toThrow('down')
  const stranger = await manager.read({ headers: {} })
  expect(() => stranger.set('n', 1)).toThrow(expect.objectContaining({ code: 'SESS_HEADERS_SENT' }))

  const loads = spans.getFinishedSpans().filter(({ name }) => name === 'sess load')
  expect(loads.map(({ attributes }) => attributes)).toEqual([
    { 'sess.provider': 'spy', 'sess.outcome': 'found' },
    { 'sess.provider': 'spy', 'sess.outcome': 'failed' },
  ])
  expect(loads.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.ERROR])

  await reader.forceFlush()
  const found = measures.getMetrics().at(-1)!.scopeMetrics[0]!.metrics
  const byName = new Map(found.map((metric) => [metric.descriptor.name, metric.dataPoints]))
  expect(byName.get('sess.store.duration')!.map(({ attributes }) => attributes)).toContainEqual({
    operation: 'load',
    provider: 'spy',
    outcome: 'found',
  })
  expect(byName.get('sess.cookie.missing')).toMatchObject([{ attributes: { reason: 'no-response' }, value: 1 }])
})
