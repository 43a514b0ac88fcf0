import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildReady, type ServedApp, serveApp } from '../testing/serve-app.ts'

let app: ServedApp
beforeEach(async () => {
  app = await serveApp({ OPEN_READS: 'true' })
})
afterEach(async () => await app.close())
const serve = () => app.service

describe('the page', () => {
  test('is served at the address of each view, and says with its status what is not there', async () => {
    await buildReady(app)
    const known = ['/', '/ledger', '/pipelines/todo', '/builds/todo/1?s=2.1', '/builds/~todo/1']
    const unknown = ['/pipelines/none', '/pipelines/todo%2Fdeploy', '/builds/todo/99', '/builds/todo/first']
    for (const url of [...known, ...unknown]) {
      const { statusCode, headers, body } = await serve().inject(url)
      expect([url, statusCode]).toEqual([url, known.includes(url) ? 200 : 404])
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      expect(body).toContain('<main')
    }
  })

  test('is found where a slash was typed as one', async () => {
    const places = ['/pipelines/todo/deploy', '/builds/todo/deploy/7'].map(
      async (url) => (await serve().inject(url)).headers.location,
    )
    expect(await Promise.all(places)).toEqual(['/pipelines/todo%2Fdeploy', '/builds/todo%2Fdeploy/7'])
  })

  test('of a no is for people where a browser asks, and for programs everywhere else', async () => {
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'
    const shown = await serve().inject({ url: '/nowhere/<b>', headers: { accept } })
    expect([shown.statusCode, shown.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(shown.body).toContain('There is no route GET /nowhere/')
    expect(shown.body).not.toContain('<b>')
    expect(shown.headers['content-security-policy']).toContain("default-src 'none'")
    const told = await serve().inject('/nowhere')
    expect(told.json()).toMatchObject({ code: 'ROUTE_UNKNOWN' })
    const api = await serve().inject({ url: '/api/builds/todo/99', headers: { accept } })
    expect(api.json()).toMatchObject({ code: 'BUILD_UNKNOWN' })
    const closed = await serveApp()
    const refused = await closed.service.inject({ url: '/', headers: { accept } })
    expect([refused.statusCode, refused.body]).toEqual([401, expect.stringContaining('npx baton login')])
    expect((await closed.service.inject('/page/style.css')).statusCode).toBe(200)
    await closed.close()
  })

  test('runs and loads nothing but what comes from here', async () => {
    const policy = String((await serve().inject('/')).headers['content-security-policy'])
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';/)
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
  })

  test('names no file that is not served, and each script imports only those', async () => {
    const service = serve()
    const asked = new Set<string>()
    const load = async (path: string): Promise<void> => {
      if (asked.has(path)) return
      asked.add(path)
      const { statusCode, body, headers } = await service.inject(path)
      expect([path, statusCode]).toEqual([path, 200])
      expect(body).not.toBe('')
      expect(headers['content-type']).toMatch(path.endsWith('.js') ? /^text\/javascript/ : /charset=utf-8$/)
      const links = [...body.matchAll(/(?:from '\.|(?:src|href)="|fetch\(')(\/(?:page\/)?[\w.-]+\.(?:json|js|css))/g)]
      for (const [, link = ''] of links) await load(link.startsWith('/page/') ? link : `/page${link}`)
    }
    await load('/')
    expect([...asked]).toEqual(
      expect.arrayContaining(['/page/main.js', '/page/output.js', '/page/style.css', '/page/reasons.json']),
    )
    expect(asked.size).toBeGreaterThanOrEqual(17)
  })

  test('is not sent again to whoever has it', async () => {
    const service = serve()
    const { headers } = await service.inject('/page/main.js')
    const again = await service.inject({ url: '/page/main.js', headers: { 'if-none-match': String(headers['etag']) } })
    expect([again.statusCode, again.body]).toEqual([304, ''])
  })
})
