import { XMLBuilder } from 'fast-xml-parser'
import type { Project } from './projects.ts'

const builder = new XMLBuilder({
  attributesGroupName: '$',
  attributeNamePrefix: '',
  ignoreAttributes: false,
  // Else an attribute whose text is "true" becomes one without a value, which is no XML.
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  format: true,
})

/** Some entries of the document. Names come from people's code: everything is escaped, and what XML cannot hold is replaced. */
export const toEntries = (projects: readonly Project[]): string =>
  builder.build({ Project: projects.map((project) => ({ $: { ...project, name: writable(project.name) } })) })

/** The document of these entries. */
export const toDocument = (entries: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Projects>\n${entries.join('')}</Projects>\n`

/** XML 1.0 has no way to write control characters or half of a surrogate pair; a parser makes blanks of line ends itself. */
const writable = (text: string): string =>
  text.replace(/[\t\n\r]+/g, ' ').replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
