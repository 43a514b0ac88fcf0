import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { toDocument, toEntries } from './cctray.ts'
import type { Project } from './projects.ts'

const project = (name: string): Project => ({
  name,
  activity: 'Sleeping',
  lastBuildStatus: 'Success',
  lastBuildLabel: '1',
  lastBuildTime: '2026-01-05T12:00:00.000Z',
  webUrl: 'https://baton.example/builds/todo/1?s=1',
})

/** What a reader gets of it. */
function read(...projects: Project[]): Record<string, string>[] {
  const xml = toDocument(projects.map((one) => toEntries([one])))
  expect(XMLValidator.validate(xml)).toBe(true)
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => name === 'Project',
  })
  const { Projects } = parser.parse(xml) as { Projects: '' | { Project: Record<string, string>[] } }
  return Projects === '' ? [] : Projects.Project
}

test('every attribute arrives as it was', () => {
  expect(read(project('todo'), project('shop'))).toEqual([project('todo'), project('shop')])
})

test.each([`a "b" <c> & 'd' </Project>`, 'true', 'ünïcode 🚀', ']]>'])('a name arrives as it was: %s', (name) => {
  expect(read(project(name))[0]?.['name']).toBe(name)
})

test('what XML cannot hold is replaced', () => {
  expect(read(project('a\x1b[31m\ud800 b\n\tc'))[0]?.['name']).toBe('a\ufffd[31m\ufffd b c')
})

test('no pipeline is an empty feed', () => {
  expect(read()).toEqual([])
})
