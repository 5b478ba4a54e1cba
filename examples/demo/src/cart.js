import { products } from './products.js'

/** How many of each product, by its id. @typedef {Readonly<Record<string, number>>} Cart */

/**
 * A cart with one more. A function of the old cart, so that `session.update` can apply it to what the store holds at
 * that moment: two tabs that add at once both count.
 * @param {string} id of a product that exists
 * @returns {(cart: Cart | undefined) => Cart}
 */
export const withOneMore =
  (id) =>
  (cart = {}) => ({ ...cart, [id]: (cart[id] ?? 0) + 1 })

/**
 * A cart without a product; nothing when it was the last one, which removes the key from the session.
 * @param {string} id
 * @returns {(cart: Cart | undefined) => Cart | undefined}
 */
export const without =
  (id) =>
  (cart = {}) => {
    const { [id]: _removed, ...rest } = cart
    return Object.keys(rest).length > 0 ? rest : undefined
  }

/** @param {Cart | undefined} cart */
export const countOf = (cart = {}) => Object.values(cart).reduce((sum, count) => sum + count, 0)

/** The cart's lines, in the order of the shop. @param {Cart | undefined} cart */
export const linesOf = (cart = {}) =>
  products
    .map((product) => ({ product, count: cart[product.id] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map((line) => ({ ...line, total: line.count * line.product.price }))
