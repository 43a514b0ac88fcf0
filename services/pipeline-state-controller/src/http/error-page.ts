import { html, type Markup, type Problem, prefersHtml, problemType, type Service } from '@baton/service-kit'
import { pageHeaders } from './page.ts'

const login = html`<p>Type <code>npx baton login</code> where the platform runs, and open the address that it prints.</p>`
/** What helps a person beyond the answer's own words, by its code. */
const ways: Readonly<Record<string, Markup>> = { TOKEN_MISSING: login, TOKEN_UNKNOWN: login }

/** A browser that asked for a page and gets a no is shown a page: the same words as in the API's answer. */
export function addErrorPages(service: Service): void {
  service.addHook('onSend', async (request, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type')).startsWith(problemType)
    if (!isProblem || request.method !== 'GET' || typeof payload !== 'string') return payload
    if (!prefersHtml(request.headers.accept) || /^\/(?:api|bundles)\//.test(request.url)) return payload
    reply.headers(pageHeaders).type('text/html; charset=utf-8').removeHeader('content-length')
    // A browser that is asked for a password in a box of its own has none to give.
    reply.removeHeader('www-authenticate')
    return pageOf(JSON.parse(payload) as Problem).text
  })
}

const pageOf = ({ title, status, code, detail, hint, requestId }: Problem): Markup => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · Baton</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page/style.css" />
  </head>
  <body>
    <header><a class="brand" href="/">Baton</a><nav aria-label="Main"><a href="/">Overview</a><a href="/ledger">Ledger</a></nav></header>
    <main>
      <h1>${title}</h1>
      <p>${detail.charAt(0).toUpperCase()}${detail.slice(1)}.</p>
      ${hint === undefined ? undefined : html`<p>${hint}</p>`}
      ${ways[code]}
      <p class="muted"><code>${status} ${code}</code> · request <code>${requestId}</code></p>
    </main>
  </body>
</html>
`
