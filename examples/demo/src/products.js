/**
 * @typedef {object} Product
 * @property {string} id
 * @property {string} name
 * @property {string} about
 * @property {number} price in cents
 * @property {string} dough a colour
 * @property {string} chips a colour
 */

/** @type {readonly Product[]} */
export const products = [
  cookie('chip', 'Chocolate chip', 'The one that everybody sets first.', 240, '#d9a066', '#4a2a18'),
  cookie('oat', 'Oat and raisin', 'Keeps for weeks without a refresh.', 220, '#c69c6d', '#5b3a4d'),
  cookie('lemon', 'Lemon zest', 'Bright, sharp, gone in one request.', 260, '#f2d675', '#fff6cf'),
  cookie('matcha', 'Matcha', 'Green all the way through.', 280, '#9dbb74', '#f4f1df'),
  cookie('ginger', 'Ginger snap', 'Breaks cleanly, never half-written.', 230, '#b5713a', '#f3c583'),
  cookie('double', 'Double dark', 'Nothing in it that can be read outside.', 290, '#5a3825', '#f0e0cf'),
]

/**
 * @param {string} id
 * @returns {Product | undefined}
 */
export const findProduct = (id) => products.find((product) => product.id === id)

/**
 * @param {string} id
 * @param {string} name
 * @param {string} about
 * @param {number} price
 * @param {string} dough
 * @param {string} chips
 * @returns {Product}
 */
function cookie(id, name, about, price, dough, chips) {
  return { id, name, about, price, dough, chips }
}
