import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { newRepository } from '../testing/samples.ts'
import { openScene } from '../testing/scene.ts'
import { adminToken, serveApp } from '../testing/serve-app.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const waitMs = 20_000
const hostile = '<img src=x onerror="document.title=1">'
const esc = '\x1b'

let browser: Browser
beforeAll(async () => {
  // A sandbox of the browser's own is not to be had as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  if (executablePath !== undefined) browser = await chromium.launch({ executablePath, args })
})
afterAll(async () => await browser?.close())

/** The service with a build that runs its first step, and a page on it. */
async function open(path: string, options: BrowserContextOptions = {}) {
  const app = await serveApp({ OPEN_READS: 'true' })
  onTestFinished(() => app.close())
  const scene = await openScene(async () => ({ ...app.ports, close: () => {} }))
  scene.now = new Date()
  const { name } = await scene.running({ steps: [] })
  const planned = ['1', '2'].map((id) => ({ id, name: id === '1' ? 'install' : hostile, kind: 'step' }))
  await scene.events(name, 0, { type: 'plan', at: scene.now.toISOString(), steps: planned }, scene.step('1', 'running'))
  const print = (step: string, offset: number, text: string) =>
    app.ports.outputs.append(name, step, offset, Buffer.from(text), 'process', scene.now)
  await print('1', 0, `one ${esc}[31mred${esc}[0m\n`)

  const context = await browser.newContext({ baseURL: app.url, viewport: { width: 1280, height: 800 }, ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(waitMs)
  const complaints = complaintsOf(page)
  await page.goto(path)
  return { app, scene, name, print, context, page, complaints }
}

/** Everything that a script threw, or that the policy forbade. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return complaints
}

/** Waits until it is so. */
const see = (read: () => Promise<unknown>) => expect.poll(read, { timeout: waitMs })

describe.skipIf(executablePath === undefined)(
  'the page in Chromium (needs /usr/bin/chromium)',
  { timeout: 90_000 },
  () => {
    test('an overview lists pipelines and changes by itself, in the tab too', async () => {
      const { scene, name, page, complaints } = await open('/')
      const row = page.locator('[data-key="todo"]')
      await see(() => row.textContent()).toMatch(/running.*todo #1.*Ann started it by hand\./)
      await see(() => page.title()).toBe('◐ all well · Baton')

      await scene.events(name, 2, scene.step('1', 'failure'))
      await scene.report(name, { status: 'failure', events: 3 })
      await see(() => row.textContent()).toMatch(/failure/)
      await see(() => page.title()).toBe('✗ 1 red · Baton')
      expect(await page.locator('link[rel=icon]').getAttribute('href')).toMatch(/^data:image\/svg\+xml/)

      await scene.ports.repositories.add(newRepository({ slug: 'shop' }), scene.now)
      await scene.start('shop')
      await see(() => page.locator('[data-key="shop"]').textContent()).toMatch(/assembling.*shop #1/)
      expect(complaints).toEqual([])
    })

    test('a build shows what its steps print while they do, as text alone', async () => {
      const { scene, name, print, page, complaints } = await open('/builds/todo/1')
      const output = page.getByRole('region', { name: 'Output' })
      await see(() => output.textContent()).toContain('one red')
      const red = await page.evaluate("getComputedStyle(document.querySelector('.lines span')).color")
      expect(red).toBe('rgb(161, 16, 24)')

      await print('1', 17, 'two\n')
      await see(() => output.textContent()).toContain('one redtwo')
      await scene.events(name, 2, scene.step('1', 'success'), scene.step('2', 'running'))
      await print('2', 0, `${hostile}\n`)
      await see(() => page.locator('.panel h2').textContent()).toContain(hostile)
      await see(() => output.textContent()).toContain(hostile)
      expect(await page.locator('img').count()).toBe(0)

      await scene.report(name, { events: 4 })
      await see(() => page.title()).toBe('✓ todo #1 · Baton')
      expect(complaints).toEqual([])
    })

    test('a build whose pipeline is assembled shows the way to what assembles it', async () => {
      const { scene, page } = await open('/')
      await scene.ports.repositories.add(newRepository({ slug: 'shop' }), scene.now)
      await scene.start('shop')
      await page.goto('/builds/shop/1')
      const link = page.locator('.panel a')
      await see(() => link.textContent()).toBe('~shop #1')
      expect(await link.getAttribute('href')).toBe('/builds/~shop/1')
    })

    test('a no is a page that says what to do', async () => {
      const { page } = await open('/')
      const answer = await page.goto('/nowhere')
      expect(answer?.status()).toBe(404)
      await see(() => page.locator('main').textContent()).toContain('There is no route GET /nowhere')
    })

    test('a step is chosen by the keyboard, and stays chosen', async () => {
      const { scene, name, page } = await open('/builds/todo/1')
      await page.getByRole('link', { name: /1 install/ }).focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await see(async () => page.url()).toContain('?s=2')
      await see(() => page.getByRole('region').textContent()).toContain('No output yet.')

      await scene.events(name, 2, scene.step('1', 'failure'))
      await see(() => page.locator('.steps [data-key="1"]').textContent()).toContain('failure')
      expect(await page.locator('[aria-current=step]').textContent()).toContain(hostile)
      expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe('?s=2')
    })

    test('says that it is not live, and catches up with what it missed', async () => {
      const { app, scene, name, print, page } = await open('/builds/todo/1')
      const { server } = app.service
      const { port } = server.address() as AddressInfo
      await print('1', 17, 'two\n')
      await see(() => page.getByRole('region').textContent()).toContain('two')

      server.close()
      server.closeAllConnections()
      await see(() => page.getByRole('status').textContent()).toMatch(/^Not live since/)
      await scene.events(name, 2, scene.step('1', 'success'))
      await scene.report(name, { events: 3 })
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')

      await see(() => page.title()).toBe('✓ todo #1 · Baton')
      await see(() => page.locator('.steps [data-key="1"]').textContent()).toContain('success')
      expect(await page.getByRole('status').textContent()).toBe('')
    })

    test('only an admin sees what to press; a build is killed by the second press', async () => {
      const { app, scene, page } = await open('/builds/todo/1')
      await see(() => page.title()).toContain('todo #1')
      expect(await page.getByRole('button', { name: 'Kill' }).isVisible()).toBe(false)

      const made = await fetch(`${app.url}/api/login-links`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: '{}',
      })
      await page.goto(((await made.json()) as { path: string }).path)
      await page.goto('/builds/todo/1')
      await page.getByRole('button', { name: 'Kill' }).click()
      expect((await scene.build({ pipeline: 'todo', number: 1 })).killWanted).toBe(false)
      await page.getByRole('button', { name: 'Really kill?' }).click()
      await see(() => page.locator('.facts').textContent()).toMatch(/killed it/)
    })

    test.each(['light', 'dark'] as const)('fits a narrow screen, %s', async (colorScheme) => {
      const { page, complaints } = await open('/builds/todo/1', { colorScheme, viewport: { width: 360, height: 700 } })
      for (const path of ['/builds/todo/1', '/', '/pipelines/todo', '/ledger']) {
        await page.goto(path)
        await page.locator('[data-key]').first().waitFor()
        expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360])
      }
      const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor')
      expect(ground).toBe(colorScheme === 'dark' ? 'rgb(15, 19, 23)' : 'rgb(255, 255, 255)')
      expect(complaints).toEqual([])
    })

    test('opens a long output at its end, and shows what is earlier when asked', async () => {
      const { print, page } = await open('/ledger')
      const lineOf = (n: number) => `line ${n} `.padEnd(80, '.')
      const lines = Array.from({ length: 20_000 }, (_, n) => lineOf(n)).join('\n')
      await print('1', 17, `${lines}\n`)
      await page.goto('/builds/todo/1?s=1')
      const output = page.getByRole('region', { name: 'Output' })
      // Asked in the page: nobody wants to read all lines in a complaint.
      const has = (n: number) =>
        page.evaluate(
          `[...document.querySelectorAll('.lines > div > div')].some((one) => one.textContent === '${lineOf(n)}')`,
        )
      await see(() => has(19_999)).toBe(true)
      expect(await output.evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight)).toBeLessThan(40)
      const first = Number(/line (\d+)/.exec((await output.textContent()) ?? '')?.[1])
      expect(first).toBeGreaterThan(10_000)

      await output.getByRole('button', { name: 'Earlier' }).click()
      await see(() => has(first - 1)).toBe(true)
      expect(await has(first)).toBe(false)
      await output.getByRole('button', { name: 'To the end' }).click()
      await see(() => has(19_999)).toBe(true)
    })
  },
)
