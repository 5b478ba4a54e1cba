// What brings third-party declarations that don't hold by themselves: these are left unchecked.
import { sessioner as forExpress } from '@sess/core/express'
import { sessioner as forFastify } from '@sess/core/fastify'
import { withSession } from '@sess/core/fetch'
import { sessioner as forHono } from '@sess/core/hono'
import { sessioner as forKoa } from '@sess/core/koa'
import { couchbase } from '@sess/provider-couchbase'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

declare module '@sess/core' {
  interface SessionData {
    user: { name: string }
  }
}

type User = { name: string } | undefined
const options = { provider: couchbase() }

export const application = express()
application.use(forExpress(options))
application.get('/', (req, res) => {
  const user: User = req.session.get('user')
  // @ts-expect-error: a known key has its type
  req.session.set('user', 'Ada')
  res.send(`${user?.name} ${req.flash.SuccessMsg}`)
})

export const koa = new Koa()
koa.use(forKoa(options))
koa.use((ctx) => {
  const user: User = ctx.session.get('user')
  // @ts-expect-error: a known key has its type
  ctx.session.set('user', 'Ada')
  ctx.body = `${user?.name} ${ctx.flash.SuccessMsg}`
})

export const hono = new Hono()
hono.use(forHono(options))
hono.get('/', (c) => {
  const user: User = c.var.session.get('user')
  // @ts-expect-error: a known key has its type
  c.var.session.set('user', 'Ada')
  return c.text(`${user?.name} ${c.var.flash.SuccessMsg}`)
})

export const server = fastify()
void server.register(forFastify, options)
// @ts-expect-error: no such option
void server.register(forFastify, { providr: 'memory' })
server.get('/', async (request) => {
  const user: User = request.session.get('user')
  // @ts-expect-error: a known key has its type
  request.session.set('user', 'Ada')
  return `${user?.name} ${request.flash.SuccessMsg}`
})

export const handler = withSession((_request, { session, flash }) => {
  const user: User = session.get('user')
  // @ts-expect-error: a known key has its type
  session.set('user', 'Ada')
  return new Response(`${user?.name} ${flash.SuccessMsg}`)
}, options)
