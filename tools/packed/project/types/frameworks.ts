// What brings third-party declarations that don't hold by themselves: these are left unchecked.
import { sessioner as forFastify } from '@sess/core/fastify'
import { sessioner as forHono } from '@sess/core/hono'
import { sessioner as forKoa } from '@sess/core/koa'
import { couchbase } from '@sess/provider-couchbase'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

const options = { provider: couchbase() }

export const koa = new Koa()
koa.use(forKoa(options))
koa.use((ctx) => {
  const name: unknown = ctx.session.get('name')
  ctx.body = `${String(name)} ${ctx.flash.SuccessMsg}`
})

export const hono = new Hono()
hono.use(forHono(options))
hono.get('/', (c) => c.text(c.var.session.id))

export const server = fastify()
void server.register(forFastify, options)
server.get('/', async (request) => request.session.id)
