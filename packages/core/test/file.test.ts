import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Manager } from '../src/index.js'
import { createManager, file } from '../src/index.js'
import { FileLock } from '../src/providers/file-lock.js'
import { FileRoot } from '../src/providers/file-root.js'
import { begin } from '../../../tools/testing/begin.js'
import { killedInTheMiddle } from '../../../tools/testing/killed.js'

let folder: string
let manager: Manager
const warnings: Error[] = []
const note = (warning: Error): number => warnings.push(warning)

beforeEach(async () => {
  warnings.length = 0
  process.on('warning', note)
  folder = await mkdtemp(join(tmpdir(), 'sess-file-'))
  manager = createManager({ provider: 'file', providerConfig: folder })
})
afterEach(async () => {
  vi.restoreAllMocks()
  process.off('warning', note)
  await manager.close()
  await rm(folder, { recursive: true, force: true })
})

const pathOf = (id: string): string => join(folder, id[0]!, id[1]!, id)
const idOfCookie = (cookie: string): string => manager.identityOf(cookie.split('=')[1]!).id
const read = (cookie: string): ReturnType<Manager['read']> => manager.read({ headers: { cookie } })

describe('the file provider', () => {
  it('keeps a session in <path>/a/b/<id>, as a line of its own and JSON with one key a line', async () => {
    const cookie = await begin(manager, { user: { id: 7 }, text: 'a\nb' })
    expect(await readFile(pathOf(idOfCookie(cookie)), 'utf8')).toMatch(
      /^sess1 [\w-]{12} \d{13}\n\{\n"user":\{"id":7\},\n"text":"a\\nb"\n\}$/,
    )
  })

  /** Runs code in a process of its own, in the folder. */
  async function run(code: string, limit = ''): Promise<string> {
    const core = fileURLToPath(new URL('..', import.meta.url))
    await mkdir(join(folder, 'node_modules/@sess'), { recursive: true })
    await symlink(core, join(folder, 'node_modules/@sess/core'))
    const command = `${limit} exec "$0" --input-type=module -e "$1"`
    return execFileSync('sh', ['-c', command, process.execPath, code], { cwd: folder, encoding: 'utf8' })
  }

  it('uses data/sessions by default', async () => {
    await run(
      "import { createManager } from '@sess/core'; const m = createManager({ provider: 'file' }); await m.ready(); await m.close()",
    )
    expect(existsSync(join(folder, 'data/sessions'))).toBe(true)
  })

  it('keeps few files open, however many sessions are saved and moved at once', async () => {
    const code = `
      import { createManager } from '@sess/core'
      const m = createManager({ provider: 'file', storeTimeout: 60 })
      await m.ready()
      const next = () => m.newIdentity().id
      const ids = Array.from({ length: 400 }, next)
      await Promise.all(ids.map((id) => {
        const store = m.provider.create(id, true)
        store.set('n', 1)
        return store.commit()
      }))
      const moved = await Promise.all(ids.map(async (id) => {
        const store = await m.provider.find(id)
        store.set('n', 2)
        await store.commit()
        return m.provider.regenerate(id, next())
      }))
      console.log(moved.filter((store) => store.get('n') === 2).length, await m.count())
      await m.close()`
    expect(await run(code, 'ulimit -n 120;')).toBe('400 400\n')
  })

  it('ends one session, not the application, when its file is damaged: reported once, set aside', async () => {
    const damages: ((path: string) => Promise<void>)[] = [
      (path) => writeFile(path, ''),
      (path) => writeFile(path, 'garbage'),
      (path) => truncate(path, 60),
      (path) => writeFile(path, Buffer.alloc(4096)),
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"begun":true', '"begun":tr\u0000e')),
    ]
    const healthy = await begin(manager)
    for (const damage of damages) {
      const cookie = await begin(manager)
      const path = pathOf(idOfCookie(cookie))
      await damage(path)
      const outcomes = await Promise.allSettled([read(cookie), read(cookie), read(cookie)])
      const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Error)
      expect(failures.length).toBeGreaterThan(0)
      for (const failure of failures) expect(failure).toMatchObject({ code: 'SESS_CORRUPT', provider: 'file' })
      expect(existsSync(`${path}.corrupt`)).toBe(true)
      expect((await read(cookie)).isNew).toBe(true)
    }
    expect((await read(healthy)).get('begun')).toBe(true)
    expect(await manager.count()).toBe(1)
    await manager.gc()
    await new Promise((done) => setImmediate(done))
    expect(warnings.map((warning) => (warning as { code?: string }).code)).toEqual(damages.map(() => 'SESS_CORRUPT'))
  })

  it('counts and collects past a damaged file', async () => {
    await begin(manager)
    const cookie = await begin(manager)
    await writeFile(pathOf(idOfCookie(cookie)), 'garbage')
    expect(await manager.count()).toBe(1)
    await manager.gc()
    expect(await manager.count()).toBe(1)
  })

  it('leaves a file alone that may be written just now, and sets it aside when it is old', async () => {
    await begin(manager)
    const cookie = await begin(manager)
    const path = pathOf(idOfCookie(cookie))
    await truncate(path, 60)
    await manager.gc()
    expect(await manager.count()).toBe(1)
    expect([existsSync(path), existsSync(`${path}.corrupt`)]).toEqual([true, false])
    const old = new Date(Date.now() - 5000)
    await utimes(path, old, old)
    await manager.gc()
    expect([existsSync(path), existsSync(`${path}.corrupt`)]).toEqual([false, true])
  })

  it('keeps a session whose file another process has not written yet when it is looked at', async () => {
    const cookie = await begin(manager)
    const path = pathOf(idOfCookie(cookie))
    const text = await readFile(path, 'utf8')
    await rm(path)
    const handle = await open(path, 'wx')
    await manager.gc()
    expect(await manager.count()).toBe(0)
    await handle.writeFile(text)
    await handle.close()
    expect((await read(cookie)).get('begun')).toBe(true)
  })

  it('removes what expired, and leaves the rest, its own files only', async () => {
    let now = Date.now()
    const timed = createManager({ provider: file({ path: folder }), maxLifetime: 60, clock: () => now })
    for (let n = 0; n < 20; n++) await begin(timed)
    now += 61_000
    const living = await begin(timed)
    await writeFile(join(folder, 'README'), 'mine')
    await mkdir(join(folder, 'lost+found/x'), { recursive: true }) // as on a volume of its own, for root alone
    await writeFile(join(folder, 'lost+found/x/LICENSE'), 'mine')
    await timed.gc()
    expect(await timed.count()).toBe(1)
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    expect(files.map((entry) => entry.name).sort()).toEqual(
      ['LICENSE', 'README', timed.identityOf(living.split('=')[1]!).id].sort(),
    )
    expect(existsSync(join(folder, 'L/I'))).toBe(false)
    await timed.close()
  })

  it('collects past one that it can not remove, and tells of it at the end', async () => {
    let now = Date.now()
    const timed = createManager({
      provider: file({ path: folder }),
      maxLifetime: 60,
      storeTimeout: 0.2,
      clock: () => now,
    })
    const cookies: string[] = []
    for (let n = 0; n < 20; n++) cookies.push(await begin(timed))
    const stuck = cookies.slice(0, 2).map((cookie) => pathOf(idOfCookie(cookie)))
    for (const path of stuck) await mkdir(`${path}.lock`)
    now += 61_000
    await expect(timed.gc()).rejects.toMatchObject({ code: 'SESS_TIMEOUT', message: expect.stringContaining(folder) })
    const sessions = (await readdir(folder, { recursive: true })).filter((name) => /^.\/.\/[^.]+$/.test(name))
    expect(sessions.map((name) => join(folder, name)).sort()).toEqual(stuck.sort())
    await timed.close()
  })

  it('takes over the lock of a process that died, within storeTimeout', async () => {
    const cookie = await begin(manager)
    const lock = `${pathOf(idOfCookie(cookie))}.lock`
    await writeFile(lock, 'half a rec')
    const old = new Date(Date.now() - 3500)
    await utimes(lock, old, old)
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const session = await read(cookie)
        session.set(`k${n}`, n)
        await session.release()
      }),
    )
    expect((await read(cookie)).keys()).toHaveLength(21)
    expect((await readdir(join(lock, '..'))).filter((name) => name.includes('.'))).toEqual([])
  })

  it('takes over a lock that is dated in the future, since the clock was set back, within storeTimeout', async () => {
    const cookie = await begin(manager)
    const lock = `${pathOf(idOfCookie(cookie))}.lock`
    await writeFile(lock, 'half a rec')
    const ahead = new Date(Date.now() + 3_600_000)
    await utimes(lock, ahead, ahead)
    const session = await read(cookie)
    session.set('n', 1)
    await session.release()
    expect((await read(cookie)).get('n')).toBe(1)
  })

  it('publishes nothing under a lock that is too old, also when the clock was set back meanwhile', async () => {
    const root = await FileRoot.make(folder)
    const held = FileLock.hold(root, 'id', 1, (lock) => {
      vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000)
      vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3000)
      return lock.publish('text')
    })
    await expect(held).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    expect(await readdir(join(folder, 'i/d'))).toEqual([])
  })

  it('leaves no file of a session that took too long to begin', async () => {
    const root = await FileRoot.make(folder)
    const times = [0]
    vi.spyOn(performance, 'now').mockImplementation(() => times.shift() ?? 3000)
    await expect(FileLock.create(root, 'id', 'text')).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    expect(await readdir(join(folder, 'i/d'))).toEqual([])
  })

  it('replaces the file of a session that an attempt to begin left, whose answer came too late', async () => {
    await manager.ready()
    const { id } = manager.newIdentity()
    for (const n of [1, 2]) {
      const store = manager.provider.create(id, true)
      store.set('n', n)
      await store.release()
      expect((await manager.provider.find(id))?.get('n')).toBe(n)
    }
  })

  it('is closed only when the replacing of such a file is over', async () => {
    await manager.ready()
    const { id } = manager.newIdentity()
    const begun = (n: number): Promise<void> => {
      const store = manager.provider.create(id, true)
      store.set('n', n)
      return store.release()
    }
    await begun(1)
    const replacing = begun(2)
    await manager.close()
    expect(await readFile(pathOf(id), 'utf8')).toContain('"n":2')
    await replacing
  })

  it('collects locks that were left behind', async () => {
    const lock = `${pathOf(idOfCookie(await begin(manager)))}.lock`
    await writeFile(lock, '')
    await manager.gc()
    expect(existsSync(lock)).toBe(true)
    const old = new Date(Date.now() - 5000)
    await utimes(lock, old, old)
    await manager.gc()
    expect(existsSync(lock)).toBe(false)
  })

  it('says what is wrong with a lock that stays', async () => {
    const patient = createManager({ provider: file({ path: folder }), storeTimeout: 0.3 })
    const cookie = await begin(patient)
    await writeFile(`${pathOf(idOfCookie(cookie))}.lock`, '')
    const session = await read(cookie)
    session.set('a', 1)
    const same = await patient.read({ headers: { cookie } })
    same.set('b', 1)
    await expect(same.release()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
    await patient.close()
  })

  it('touches no file any more once it is closed, not even for a save that waited for a lock', async () => {
    let changed = 0
    for (let round = 0; round < 20; round++) {
      const patient = createManager({ provider: file({ path: folder }), storeTimeout: 0.05 })
      const cookie = await begin(patient)
      const path = pathOf(idOfCookie(cookie))
      await writeFile(`${path}.lock`, '')
      const session = await patient.read({ headers: { cookie } })
      session.set('late', true)
      await expect(session.release()).rejects.toMatchObject({ code: 'SESS_TIMEOUT' })
      await patient.close()
      await rm(`${path}.lock`)
      await new Promise((wait) => setTimeout(wait, 25))
      if ((await readFile(path, 'utf8')).includes('late')) changed++
    }
    expect(changed).toBe(0)
  })

  it('ends a collection and a count when it is closed: neither keeps the process, nor removes a file any more', async () => {
    let now = Date.now()
    const timed = createManager({ provider: file({ path: folder }), maxLifetime: 60, clock: () => now })
    await Promise.all(Array.from({ length: 300 }, () => begin(timed)))
    const sessions = async (): Promise<number> =>
      (await readdir(folder, { recursive: true })).filter((name) => /^.\/.\/[^.]+$/.test(name)).length
    now += 61_000
    const collecting = timed.gc()
    const counted = timed.count().catch((error: unknown) => error)
    await timed.close()
    const left = await sessions()
    expect(left).toBeGreaterThan(100)
    await collecting
    expect(await sessions()).toBe(left)
    expect(await counted).toMatchObject({ code: 'SESS_CLOSED', provider: 'file' })
  })

  it('loses nothing that was acknowledged when the process is killed in the middle of writes, 40 times', {
    timeout: 120_000,
  }, async () => {
    const worker = new URL('workers/crash.mjs', import.meta.url)
    let acknowledged = 0
    for (let round = 0; round < 40; round++) {
      for (const [cookie, n] of await killedInTheMiddle(worker, [folder])) {
        const session = await read(cookie)
        expect(session.get('n')).toBeGreaterThanOrEqual(n)
        expect(session.get('same')).toBe(session.get('n'))
        acknowledged++
      }
    }
    console.log(`killed 40 times: ${acknowledged} acknowledged sessions, all whole`)
    expect(acknowledged).toBeGreaterThan(40)
  })
})

describe('a file system that refuses', () => {
  it('is a clear error at start, naming the place', async () => {
    await writeFile(join(folder, 'occupied'), '')
    const wrong = createManager({ provider: file({ path: join(folder, 'occupied') }) })
    await expect(wrong.ready()).rejects.toMatchObject({
      code: 'SESS_STORE',
      provider: 'file',
      message: expect.stringContaining(join(folder, 'occupied')) as string,
    })
  })

  it('that never lets a directory be made is an error, not a wait', async () => {
    const wrong = createManager({ provider: file({ path: '/proc/none/sessions' }) })
    await expect(wrong.ready()).rejects.toMatchObject({ code: 'SESS_STORE' })
  })

  const script = (body: string): string => `
    import { createManager, file } from '@sess/core'
    const manager = createManager({ provider: file({ path: process.argv[1] }) })
    const fail = (e) => { console.log(e.code + ' ' + e.message); process.exit(0) }
    ${body}`
  const core = fileURLToPath(new URL('..', import.meta.url))
  const runAs = (body: string, command: string, args: string[]): string => {
    const all = [...args, process.execPath, '--input-type=module', '-e', script(body), folder]
    const { stdout, stderr } = spawnSync(command, all, { cwd: core, encoding: 'utf8' })
    return stdout + stderr
  }

  it.skipIf(process.getuid?.() !== 0)('read-only for this user: the error names the directory and the reason', () => {
    const output = runAs('await manager.ready().catch(fail)', 'setpriv', ['--reuid=65534', '--clear-groups'])
    expect(output).toContain('SESS_STORE provider file could not')
    expect(output).toContain(folder)
    expect(output).toMatch(/EACCES|EROFS/)
  })

  it.skipIf(process.platform !== 'linux')(
    'full: the error says so, the old session is intact and neither a lock nor half a session is left',
    async () => {
      const body = `
      await manager.ready()
      const { id } = manager.newIdentity()
      const store = manager.provider.create(id)
      store.set('small', 1)
      await store.release()
      store.set('large', 'x'.repeat(100_000))
      const error = await store.release().then(() => 'saved', (e) => e)
      const again = await manager.provider.open(id)
      console.log(error.code, error.message, again.get('small'), again.get('large'))
      const begun = manager.provider.create(manager.newIdentity().id, true)
      begun.set('large', 'x'.repeat(100_000))
      console.log(await begun.release().catch((e) => e.code), await manager.count())
      await manager.close()`
      // A limit on the size of files is what a full disk looks like to one process: the write fails half-way.
      const output = runAs(body, 'prlimit', ['--fsize=20000'])
      expect(output).toMatch(/^SESS_STORE provider file could not write .*(EFBIG|ENOSPC) 1 undefined\nSESS_STORE 1\n$/)
      const names = (await readdir(folder, { recursive: true })).filter((name) => name.includes('.'))
      expect(names).toEqual([])
    },
  )
})

describe('a directory that goes away while the application runs', () => {
  const emptied = (): Promise<unknown> => rename(folder, `${folder}.off`)
  const unmounted = async (): Promise<void> => {
    await emptied()
    await mkdir(folder) // the mount point
  }
  afterEach(() => rm(`${folder}.off`, { recursive: true, force: true }))

  it.each([
    ['is renamed', emptied],
    ['is unmounted', unmounted],
  ])(
    'and %s is an outage for every operation, leaves nothing behind, and is over when it is back',
    async (_, leave) => {
      const cookie = await begin(manager)
      const id = idOfCookie(cookie)
      await leave()
      const before = existsSync(folder)
      const outcomes = await Promise.allSettled([
        read(cookie),
        manager.provider.exist(id),
        manager.provider.regenerate(id, 'A'.repeat(16)),
        manager.destroy(id),
        manager.logoutUser('ada'),
        manager.sessionsOf('ada'),
        manager.count(),
        manager.gc(),
        begin(manager),
      ])
      const message = expect.stringContaining(`could not find its directory ${folder}`) as string
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ reason: { code: 'SESS_STORE', provider: 'file', message } })
      expect([existsSync(folder), before && (await readdir(folder))]).toEqual([before, before && []])
      await rm(folder, { recursive: true, force: true })
      await rename(`${folder}.off`, folder)
      expect((await read(cookie)).get('begun')).toBe(true)
      await begin(manager)
    },
  )
})
