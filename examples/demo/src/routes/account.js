import { Router } from 'express'
import { field } from '../form.js'
import { page } from '../page.js'

/** Seconds without a visit for which a browser that is to be remembered stays logged in. */
const REMEMBERED = 30 * 86_400

/**
 * Sign up, log in, log out.
 * @param {import('../accounts.js').Accounts} accounts
 * @param {import('@sess/core').Manager['options']} options of the sessions
 */
export function accountRoutes(accounts, { maxLifetime, absoluteLifetime }) {
  // No longer than any session may live, and no shorter than all the others do.
  const remembered = Math.max(maxLifetime, Math.min(REMEMBERED, absoluteLifetime || REMEMBERED))
  const logInForm = { isNew: false, remembered }
  const router = Router()

  router.get('/signup', (req, res) => page(req, res, 'account.njk', { isNew: true }))
  router.get('/login', (req, res) => page(req, res, 'account.njk', logInForm))

  router.post('/signup', async (req, res) => {
    const name = field(req, 'name').trim()
    const wrong = await accounts.signUp(name, field(req, 'password'))
    if (wrong === undefined) {
      await logIn(req, name)
      req.flash.success(`Welcome, ${name}`)
      return res.redirect(303, '/')
    }
    return refuse(req, res, { isNew: true, name }, wrong)
  })

  router.post('/login', async (req, res) => {
    const given = field(req, 'name').trim()
    const name = await accounts.logIn(given, field(req, 'password'))
    if (name !== undefined) {
      if (field(req, 'remember') === 'yes') req.session.lifetime = remembered
      await logIn(req, name)
      req.flash.success(`Welcome back, ${name}`)
      return res.redirect(303, '/')
    }
    return refuse(req, res, { ...logInForm, name: given }, 'Name or password is wrong.')
  })

  router.post('/logout', async (req, res) => {
    await req.session.destroy()
    // What is set from here on begins another session, which holds this message alone.
    req.flash.info('You are logged out')
    res.redirect(303, '/')
  })

  return router
}

/**
 * The id changes with the visitor's rights, so that whoever planted or saw the old one is out (session fixation). The
 * cart comes along, and the user's list of sessions gets another one.
 * @param {import('express').Request} req
 * @param {string} name
 */
async function logIn(req, name) {
  await req.session.login(name, describeDevice(req))
  req.session.set('user', { name, since: new Date() })
}

/**
 * By what the user will recognise the session.
 * @param {import('express').Request} req
 */
function describeDevice(req) {
  const agent = req.get('user-agent') ?? ''
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1] ?? 'Unknown system'
  const browser = /(Firefox|Edg|Chrome|Safari)\//.exec(agent)?.[1]?.replace('Edg', 'Edge') ?? 'unknown browser'
  return `${browser} on ${system}, ${req.ip}`
}

/**
 * The form again, with a message for this very response.
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {{ isNew: boolean, name: string, remembered?: number }} form
 * @param {string} wrong
 */
function refuse(req, res, form, wrong) {
  req.flash.error(wrong, true)
  res.status(422)
  return page(req, res, 'account.njk', form)
}
