import { isTest } from './checkout.ts'
import { type Exception, except, type Rule } from './rule.ts'

const crashDir = 'a crash point is reached from anywhere, and is nothing without a folder that only tests set'
const childPath = 'the PATH and language of its own processes, which get nothing else'
const seesEnvironment: readonly Exception[] = [
  { path: 'libs/service-kit/src/crash/crash-point.ts', because: crashDir },
  { path: 'services/pipeline/src/crash-point.ts', because: crashDir },
  { path: 'libs/local-marathon/src/tasks/environment.ts', because: childPath },
  { path: 'libs/local-marathon/src/fetch/extract.ts', because: childPath },
  { path: 'libs/git/src/environment.ts', because: childPath },
  { path: 'deploy/local/', because: 'the supervisor hands on what its services and tests may be told' },
  { path: 'libs/work/src/owner.ts', because: 'who takes work is named by its task, whoever starts it' },
]

/** Settings are read once, in main.ts, and handed on as values. */
export const settingsAreReadOnce: Rule = (checkout) => {
  const readers = [...checkout.sources].filter(([path, { mentions }]) => !isTest(path) && mentions.has('process.env'))
  const elsewhere = readers.filter(([path]) => !path.endsWith('/main.ts'))
  return except(
    elsewhere.map(([path]) => ({ path, says: 'reads process.env; only main.ts does' })),
    seesEnvironment,
  )
}

const mayPrint: readonly Exception[] = [
  { path: 'libs/service-kit/src/service/or-exit.ts', because: 'what an operator has to mend before there is a log' },
  { path: 'services/pipeline/src/attempt/', because: 'what a run-once process prints is its log in the sandbox' },
  { path: 'deploy/bin/run-ts.mjs', because: 'a command, before anything of ours is loaded' },
  { path: 'deploy/local/post-receive.cjs', because: 'a hook of Git: what it prints is shown to whoever pushes' },
]

/** A line of a log is an event of the logger; a forgotten `console.log` is nobody's event. */
export const logsAreEvents: Rule = (checkout) => {
  const printing = [...checkout.sources].filter(([, { mentions }]) =>
    [...mentions].some((one) => one.startsWith('console.')),
  )
  const elsewhere = printing.filter(([path]) => !isTest(path) && !path.endsWith('/main.ts'))
  return except(
    elsewhere.map(([path]) => ({ path, says: 'prints with console; give it the log' })),
    mayPrint,
  )
}

/** `/home/you` is anybody's, in examples. */
const machinePath = /(?:^|[\s'"`=:(])(\/(?:work|tmp|root|home)\/(?!you\b)[\w.-]*)/

/** A path of one machine is wrong on every other one. */
export const noPathsOfOneMachine: Rule = (checkout) =>
  [...checkout.texts]
    .filter(([path]) => !isTest(path))
    .flatMap(([path, text]) => {
      const found = machinePath.exec(text)?.[1]
      return found ? [`${path}: names ${found}, which is a path of one machine`] : []
    })

/** A test that is skipped promises nothing; one that is alone silences the others. `skipIf` says its reason. */
export const everyTestRuns: Rule = (checkout) =>
  [...checkout.sources].flatMap(([path, { mentions }]) =>
    [...mentions]
      .filter((one) => /^(test|it|describe)\.(only|skip|todo|fails)\b/.test(one))
      .map((one) => `${path}: ${one}; every test runs, and can fail`),
  )
