import { createLog, createService } from '@baton/service-kit'
import { describe, expect, test } from 'vitest'
import { addPageRoutes } from './page.ts'

function serve() {
  const service = createService({
    name: 'state',
    version: '0',
    log: createLog({ service: 'state', level: 'silent' }),
    config: {},
  })
  addPageRoutes(service)
  return service
}

describe('the page', () => {
  test.each(['/', '/ledger', '/pipelines/todo%2Fdeploy', '/builds/~todo/12?s=2.1'])('is served at %s', async (url) => {
    const { statusCode, headers, body } = await serve().inject(url)
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(body).toContain('<main')
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
