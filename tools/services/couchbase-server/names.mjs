/** Numbers of the protocol. */

export const opcodes = {
  get: 0x00,
  set: 0x01,
  insert: 0x02,
  replace: 0x03,
  remove: 0x04,
  noop: 0x0a,
  touch: 0x1c,
  getAndTouch: 0x1d,
  hello: 0x1f,
  saslMechanisms: 0x20,
  saslAuth: 0x21,
  saslStep: 0x22,
  selectBucket: 0x89,
  getMeta: 0xa0,
  clusterConfig: 0xb5,
  collectionId: 0xbb,
  errorMap: 0xfe,
}

/** @type {Map<number, string>} */
export const nameOf = new Map(Object.entries(opcodes).map(([name, opcode]) => [opcode, name]))

export const statuses = {
  missing: 0x01,
  exists: 0x02,
  tooBig: 0x03,
  invalid: 0x04,
  notMyVbucket: 0x07,
  noBucket: 0x08,
  locked: 0x09,
  unauthorized: 0x20,
  more: 0x21,
  noAccess: 0x24,
  unknownCommand: 0x81,
  temporary: 0x86,
  unknownCollection: 0x88,
  unknownScope: 0x8c,
}

/** Features of HELLO that are granted when asked for. Not Snappy: nothing here decompresses. */
export const features = [0x03, 0x04, 0x06, 0x07, 0x08, 0x0b, 0x0c, 0x0e, 0x10, 0x11, 0x12, 0x14]
/** Mutations are answered with the vbucket's sequence number. */
export const MUTATION_SEQNO = 0x04
/** Keys begin with the number of their collection. */
export const COLLECTIONS = 0x12
