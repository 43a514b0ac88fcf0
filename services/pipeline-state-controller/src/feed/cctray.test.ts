import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { toXml } from './cctray.ts'
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
function read(xml: string): Record<string, string>[] {
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
  expect(read(toXml([project('todo')]))).toEqual([project('todo')])
})

test.each([`a "b" <c> & 'd' </Project>`, 'true', 'ünïcode 🚀', ']]>'])('a name arrives as it was: %s', (name) => {
  expect(read(toXml([project(name)]))[0]?.['name']).toBe(name)
})

test('what XML cannot hold is replaced', () => {
  expect(read(toXml([project('a\x1b[31m\ud800 b\n\tc')]))[0]?.['name']).toBe('a\ufffd[31m\ufffd b c')
})

test('no pipeline is an empty feed', () => {
  expect(read(toXml([]))).toEqual([])
})
