import { checkout, parallel, pipeline, sh, step } from '@baton/pipeline'

const version = step('version', async ({ sh }) => (await sh`git rev-parse --short HEAD`).text.trim())

export default pipeline('todo', { timeout: '5m', finally: [step('report', sh`echo "that was todo"`)] }, [
  checkout(),
  parallel('verify', [step('test', sh`npm test`), step('syntax', sh`node --check src/todo.js`)]),
  version,
  step('package', async ({ sh, use }) => {
    const file = `todo-${use(version)}.tgz`
    await sh`tar -czf ${file} src package.json`
    await sh`ls -l ${file}`
  }),
])
