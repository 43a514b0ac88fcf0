import { createHash } from 'node:crypto'

export const style = `
:root{color-scheme:light dark;--bg:#fff;--sunk:#f4f6f8;--text:#16191d;--muted:#525a65;--line:#d5dae0;--ok:#007a64;--warning:#8f5506;--error:#8f1015}
@media(prefers-color-scheme:dark){:root{--bg:#0f1317;--sunk:#171c22;--text:#e8ebef;--muted:#a9b2bd;--line:#2c343d;--ok:#9af5c1;--warning:#fcb92e;--error:#f2765b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem 0}
.muted{color:var(--muted)}.level{font-weight:700;white-space:nowrap}
.level::before{content:"";display:inline-block;width:.7em;height:.7em;border-radius:50%;background:currentColor;margin-right:.4em}
.warning::before{border-radius:0}.error::before{border-radius:0;transform:rotate(45deg)}
.ok{color:var(--ok)}.warning{color:var(--warning)}.error{color:var(--error)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-top:1px solid var(--line);overflow-wrap:break-word}
th[scope=row]{width:1%;min-width:9rem;font-weight:400;color:var(--muted);white-space:nowrap}
td>span+span:not(.level)::before{content:"\\00b7  ";color:var(--muted)}
pre{margin:.25rem 0;padding:.5rem;background:var(--sunk);overflow-x:auto;font-size:.85rem}code{font-size:.9rem}
`

const hash = createHash('sha256').update(style).digest('base64')

/** Nothing from elsewhere, no program at all, and of styles the one above. */
export const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const
