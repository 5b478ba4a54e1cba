// A Map of JSON texts.
import { byHand } from '../kinds/by-hand.mjs'
import { mapOfTexts } from '../kinds/map-of-texts.mjs'

export const backend = 'memory'
export const isMinimum = true
export const isInProcess = true

export const listener = () => byHand(mapOfTexts())
