/**
 * Server-side HTTP sessions.
 * @module
 */
import './on-node.js'
import { file } from './providers/file.js'
import { memory } from './providers/memory.js'
import { registerProvider } from './registry.js'

export { sessioner } from './adapters/node.js'
export type { Next, NodeRequest, NodeResponse, RequestSession, Sessioner } from './adapters/node.js'
export type { Awaitable } from './awaitable.js'
export { BoundedMap } from './bounded-map.js'
export type { Codec } from './codec.js'
export { checkWholeNumber, parseKeyValues, parseWholeNumber, rejectUnknownKey } from './config-string.js'
export { endOfTurn } from './end-of-turn.js'
export { ERROR_CODES, OptionError, SessionError } from './errors.js'
export type { SessionErrorCode, SessionErrorOptions } from './errors.js'
export type { CookieEvent, EvictEvent, SessionEvent } from './events.js'
export type { ExpressCookieOptions } from './express-cookie.js'
export type { Flash, FlashKind, FlashMessage } from './flash.js'
export { Gathering } from './gathering.js'
export { createManager } from './manager.js'
export type { Manager, RequestWithCookie } from './manager.js'
export { moveByCopy } from './move-by-copy.js'
export type { Copying } from './move-by-copy.js'
export type { SessionOptions } from './options.js'
export { readPem } from './pem-file.js'
export type {
  Provider,
  ProviderCapabilities,
  ProviderConfig,
  ProviderContext,
  ProviderFactory,
  RawStore,
} from './provider.js'
export { file, memory, registerProvider }
export type { FileProviderOptions } from './providers/file.js'
export { makeDirectory } from './providers/file-io.js'
export type { MemoryProviderOptions } from './providers/memory.js'
export type { PassportData, Session, SessionCallback, SessionData } from './session.js'
export { defineProvider } from './storage.js'
export { Turns } from './turns.js'
export type { UserSession } from './user-entry.js'
export type { Loaded, Storage, StorageDefinition, Version } from './storage.js'
