import { createHash } from 'node:crypto'
import { XMLValidator } from 'fast-xml-parser'
import { afterEach, describe, expect, test } from 'vitest'
import { startJob } from '../jobs/job.ts'
import { createLog } from '../log/log.ts'
import { createService, type Service, type ServiceOptions } from '../service/service.ts'
import { prefersHtml } from './accept.ts'

const log = createLog({ service: 'test', level: 'silent' })
const services: Service[] = []
afterEach(async () => {
  for (const service of services.splice(0)) await service.close()
})

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'

async function openPage(more: Partial<ServiceOptions> = {}, accept = browser) {
  const service = createService({ name: 'greeter', version: '1.2.3', commit: 'c0ffee', log, config: {}, ...more })
  services.push(service)
  return await service.inject({ url: '/status', headers: { accept } })
}

describe('/status as a page', () => {
  test('tells a person what machines get', async () => {
    const job = startJob({ name: 'sweep', pauseMs: 60_000, log, work: async () => {} })
    const page = await openPage({
      config: { drainMs: 2_000, hooks: ['a', 'b'] },
      statusDetails: [
        { name: 'stateController', read: async () => ({ status: 'error', message: 'away', details: { tries: 3 } }) },
      ],
    })
    await job.stop()
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const said = page.body
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
    for (const words of [
      /greeter error stateController: away version 1\.2\.3, commit c0ffee, up for \d+ s/,
      /state controller error away tries 3/,
      /sweep waiting 1 0 \d{4}-\S+Z \d{4}-\S+Z, \d+ ms ok/,
      /drain ms 2000/,
      /memory rss [\d.]+ MiB/,
    ])
      expect(said).toMatch(words)
  })

  test('is well formed, whatever it has to say, and nothing in it is a program', async () => {
    const evil = `</style></pre><script>alert("1")</script>'&amp;`
    const page = await openPage({
      name: evil,
      commit: evil,
      config: { [evil]: evil, deep: { list: [{ [evil]: evil }] } },
      statusDetails: [{ name: evil, read: async () => ({ status: 'warning', message: evil, details: [evil] }) }],
    })
    const body = page.body.replace('<!doctype html>', '').replaceAll(/<(meta|link)([^>]*)>/g, '<$1$2/>')
    expect(XMLValidator.validate(body)).toBe(true)
    expect(page.body).not.toMatch(/<script|<img|http-equiv|\son\w+=/i)
    expect(page.body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;amp;')
  })

  test('loads nothing from elsewhere, and its policy allows its own style alone', async () => {
    const { headers, body } = await openPage()
    const style = /<style>(.*)<\/style>/s.exec(body)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${hash}';`)
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', vary: 'accept' })
    expect(body).not.toMatch(/(src|href)="(?!data:)/)
    expect(style).toMatch(/color-scheme:light dark.*prefers-color-scheme:dark/s)
  })

  test('shows no secret that a dependency let slip', async () => {
    const read = async () => ({
      status: 'ok' as const,
      message: 'at mongodb://me:hush@db/',
      details: { keys: [{ apiKey: 'hush', urls: ['https://hush@git.example/x'] }], serviceToken: 'hush', tokens: 2 },
    })
    for (const accept of [browser, 'application/json']) {
      const { body } = await openPage({ statusDetails: [{ name: 'database', read }] }, accept)
      expect(body).not.toContain('hush')
      expect(body).toContain('mongodb://me:***@db/')
    }
  })
})

describe('a page is for whoever prefers one', () => {
  test.each([
    [browser, true],
    ['text/html', true],
    ['text/html;q=0.8, application/json;q=0.5', true],
    ['text/*', true],
    ['application/json, text/html', false],
    ['application/json, text/html;q=0.9', false],
    ['text/html;q=0', false],
    ['*/*', false],
    ['text/plain', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (accept, wanted) => {
    expect(prefersHtml(accept)).toBe(wanted)
  })
})
