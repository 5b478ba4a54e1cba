// What this application keeps in a session: `req.session.get('cart')` and its like are typed by this.
import '@sess/core'
import type { Cart } from './cart.js'

declare module '@sess/core' {
  interface SessionData {
    /** Who is logged in. */
    user: { name: string; since: Date }
    cart: Cart
    /** What the slow page left. */
    slow: { runs: number; last: Date }
  }
}
