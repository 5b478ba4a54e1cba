/**
 * The response when a session could not be loaded or persisted.
 * @module
 */
import { isHttp2 } from './fixed-head.js'
import type { Next, NodeRequest, NodeResponse } from './node.js'

/** What our errors are answered with; without `node:http`, so that Hono's entry has none of it. */
const TEXTS: Record<number, string> = { 500: 'Internal Server Error', 503: 'Service Unavailable' }
/** Headers of a body that will not be sent. */
const OF_THE_BODY = /^(content-|etag$|last-modified$|location$|accept-ranges$|cache-control$|expires$|trailer$)/i

/**
 * Hands the error on, or answers with its status.
 * @param next who takes it; nobody: it is answered here
 * @param patience seconds after which it is answered here all the same, since nobody did
 */
export function answerError(error: Error, req: NodeRequest, res: NodeResponse, next?: Next, patience?: number): void {
  if (res.headersSent) {
    res.destroy(error)
    return
  }
  for (const name of res.getHeaderNames()) if (OF_THE_BODY.test(name)) res.removeHeader(name)
  res.statusCode = statusOf(error)
  if (!isHttp2(res)) res.statusMessage = '' // the handler's, of another status
  if (!next) return answer(req, res, res.statusCode)
  if (patience !== undefined) answerIfNobodyDoes(req, res, res.statusCode, patience)
  next(error)
}

const statusOf = (error: Error): number => (error as { status?: number }).status ?? 500

/** The message stays here: it is for operators. */
function answer(req: NodeRequest, res: NodeResponse, status: number): void {
  const text = `${TEXTS[status] ?? 'Error'}\n`
  res.statusCode = status
  res.setHeader('Content-Type', 'text/plain; charset=utf-8')
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Length', Buffer.byteLength(text))
  if (req.method === 'HEAD') res.end()
  else res.end(text)
}

/** A second call of `next` goes nowhere when the first one settled a promise; the visitor is not to wait for ever. */
function answerIfNobodyDoes(req: NodeRequest, res: NodeResponse, status: number, patience: number): void {
  const timer = setTimeout(() => {
    if (!res.headersSent && !res.destroyed) answer(req, res, status)
  }, patience * 1000)
  timer.unref()
  res.once('close', () => clearTimeout(timer))
}
