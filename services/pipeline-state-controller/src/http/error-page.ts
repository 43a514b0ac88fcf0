import type { Problem, Service } from '@baton/service-kit'
import { pageHeaders } from './page.ts'

/** What helps a person beyond the answer's own words, by its code. */
const ways: Readonly<Record<string, string>> = {
  TOKEN_MISSING: 'Type <code>npx baton login</code> where the platform runs, and open the address that it prints.',
  TOKEN_UNKNOWN: 'Type <code>npx baton login</code> where the platform runs, and open the address that it prints.',
}

/** A browser that asked for a page and gets a no is shown a page: the same words as in the API's answer. */
export function addErrorPages(service: Service): void {
  service.addHook('onSend', async (request, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json')
    if (!isProblem || request.method !== 'GET' || typeof payload !== 'string') return payload
    if (!wantsPage(request.headers.accept) || /^\/(?:api|bundles)\//.test(request.url)) return payload
    reply.headers(pageHeaders).type('text/html; charset=utf-8').removeHeader('content-length')
    // A browser that is asked for a password in a box of its own has none to give.
    reply.removeHeader('www-authenticate')
    return pageOf(JSON.parse(payload) as Problem)
  })
}

/** Browsers name HTML first; programs that take anything do not name it. */
const wantsPage = (accept = ''): boolean => accept.trim().startsWith('text/html')

const pageOf = ({ title, status, code, detail, hint, requestId }: Problem): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escaped(title)} · Baton</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page/style.css" />
  </head>
  <body>
    <header><a class="brand" href="/">Baton</a><nav aria-label="Main"><a href="/">Overview</a><a href="/ledger">Ledger</a></nav></header>
    <main>
      <h1>${escaped(title)}</h1>
      <p>${escaped(detail.charAt(0).toUpperCase() + detail.slice(1))}.</p>
      ${hint === undefined ? '' : `<p>${escaped(hint)}</p>`}
      ${ways[code] === undefined ? '' : `<p>${ways[code]}</p>`}
      <p class="muted"><code>${status} ${escaped(code)}</code> · request <code>${escaped(requestId)}</code></p>
    </main>
  </body>
</html>
`

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
