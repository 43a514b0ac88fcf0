import { describe, expect, test } from 'vitest'
import { maskUrl, normalUrl, readGitUrl } from './url.ts'

const good = [
  'https://forge.example/shop/todo.git',
  'http://127.0.0.1:3000/x',
  'ssh://git@forge.example:2222/shop/todo',
  'git@forge.example:shop/todo.git',
  'forge:todo',
  'git://forge.example/x',
]
const bad = [
  '',
  '--upload-pack=touch /tmp/x',
  '-oProxyCommand=x:y',
  'https://forge.example/a b',
  'https://forge.example/a\nb',
  'ext::sh -c x',
  'fd::17',
  'ftp://forge.example/x',
  '/srv/todo.git',
  'file:///srv/todo.git',
  'ssh://-oProxyCommand=x/y',
  'ssh://forge.example/-x',
  'git@-forge:x',
  'https://',
  'https://forge.example',
  `https://forge.example/${'x'.repeat(3000)}`,
]

describe('a Git URL', () => {
  test.each(good)('%s is fine', (url) => {
    expect(readGitUrl(url, { allowLocal: false })).toBe(url)
  })
  test.each(bad)('%j is refused', (url) => {
    expect(() => readGitUrl(url, { allowLocal: false })).toThrow(expect.objectContaining({ code: 'URL_INVALID' }))
  })
  test('of this machine is fine where that is allowed', () => {
    expect(readGitUrl('file:///srv/todo.git', { allowLocal: true })).toBe('file:///srv/todo.git')
    expect(() => readGitUrl('file://host/srv', { allowLocal: true })).toThrow()
  })
})

test('however it is written, it is one repository', () => {
  const forms = [
    'https://Forge.example/shop/todo.git',
    'https://ann:secret@forge.example:443/shop/todo/',
    'git@forge.example:shop/todo.git',
    'ssh://git@forge.example:22/shop//todo',
  ]
  expect(new Set(forms.map(normalUrl))).toEqual(new Set(['forge.example/shop/todo']))
  expect(normalUrl('https://github.com/Shop/Todo')).toBe('github.com/shop/todo')
  expect(normalUrl('file:///srv/x.git/')).toBe('file:///srv/x')
  expect(normalUrl('https://forge.example:8443/x')).not.toBe(normalUrl('https://forge.example/x'))
})

test('passwords are masked, lone users of http too', () => {
  expect(maskUrl('at https://ann:hush@f.example/x and https://tok3n@f.example')).toBe(
    'at https://ann:***@f.example/x and https://***@f.example',
  )
  expect(maskUrl('ssh://git@f.example/x')).toBe('ssh://git@f.example/x')
})
