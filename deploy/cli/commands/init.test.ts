import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../testing/run-command.ts'
import { tempDir } from '../../testing/temp-dir.ts'

test('a first pipeline.ts runs what package.json names', async () => {
  const cwd = tempDir()
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { test: 'x', build: 'y', start: 'z' } }))
  writeFileSync(join(cwd, 'package-lock.json'), '{}')

  expect((await runCommand(['init'], { cwd })).code).toBe(0)

  const names = [...readFileSync(join(cwd, 'pipeline.ts'), 'utf8').matchAll(/step\('(\w+)'/g)].map(([, name]) => name)
  expect(names).toEqual(['install', 'build', 'test'])
})

test.each([
  [{ 'pom.xml': '', mvnw: '' }, ['./mvnw --batch-mode verify']],
  [{ 'pom.xml': '' }, ['mvn --batch-mode verify']],
  [{ 'build.gradle.kts': '', gradlew: '' }, ['./gradlew --no-daemon build']],
  [{ 'go.mod': '', Makefile: 'test:' }, ['go vet ./...', 'go test ./...']],
  [{ 'Cargo.toml': '' }, ['cargo test']],
  [
    { 'requirements.txt': '' },
    ['python3 -m venv .venv && .venv/bin/pip install --quiet pytest -r requirements.txt', '.venv/bin/python -m pytest'],
  ],
  [{ Makefile: 'all:\n\ttrue\ntest: all\n' }, ['make', 'make test']],
  [{ Makefile: 'all:\n' }, ['make']],
  [{ 'package.json': '{' }, ['echo "hello from $BATON_COMMIT"']],
  [{}, ['echo "hello from $BATON_COMMIT"']],
])('for a project of %o', async (files, commands) => {
  const cwd = tempDir()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  expect((await runCommand(['init'], { cwd })).code).toBe(0)
  const written = readFileSync(join(cwd, 'pipeline.ts'), 'utf8')
  expect([...written.matchAll(/sh`([^`]*)`/g)].map(([, command]) => command)).toEqual(commands)
})

test('one that is there is left as it is', async () => {
  const cwd = tempDir()
  writeFileSync(join(cwd, 'pipeline.ts'), 'mine')

  expect(await runCommand(['init'], { cwd })).toMatchObject({ code: 4, err: expect.stringContaining('FILE_EXISTS') })
  expect(readFileSync(join(cwd, 'pipeline.ts'), 'utf8')).toBe('mine')
})
