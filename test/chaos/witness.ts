import { existsSync, readFileSync } from 'node:fs'
import type { Files } from '../platform/git-repository.ts'
import { type WitnessLine, witnessSteps } from './facts.ts'

/** What a commit tells its build to do. */
export interface Work {
  /** Lines that each step prints. */
  readonly lines: number
  /** After each of them, in seconds. */
  readonly pauseS: number
}

/** The file of a commit that changes nothing of the pipeline's own code. */
export const workFiles = ({ lines, pauseS }: Work): Files => ({ lines: `${lines}\n`, pause: `${pauseS}\n` })

/**
 * A pipeline whose steps append one line each to a file outside of the platform when they start, in one write each, and
 * then print numbered lines. Another `edition` is another pipeline version.
 */
export function witnessPipeline(witnessFile: string, edition = 1): Files {
  return {
    'pipeline.ts': `// Edition ${edition}.
import { checkout, pipeline, sh, step } from '@baton/pipeline'

export default pipeline('witness', { cpus: 0.1, memMb: 64, timeout: '5m' }, [
  checkout(),
${witnessSteps.map((name) => stepText(name, witnessFile)).join('\n')}
])
`,
  }
}

const stepText = (name: string, witnessFile: string): string => String.raw`  step('${name}', sh${'`'}
    printf '%s %s %s %s %s\n' "$BATON_PIPELINE" "$BATON_BUILD" "$BATON_ATTEMPT" "$BATON_COMMIT" ${name} >> ${witnessFile}
    lines=$(cat lines) pause=$(cat pause) n=0
    while [ $n -lt $lines ]; do
      n=$((n + 1))
      echo "line $n"
      [ $pause = 0 ] || sleep $pause
    done
  ${'`'}),`

/** What the steps of all builds left behind. A line that is torn in half would be an error of its own. */
export function readWitness(witnessFile: string): WitnessLine[] {
  if (!existsSync(witnessFile)) return []
  const text = readFileSync(witnessFile, 'utf8')
  return text.split('\n').slice(0, -1).map(readLine)
}

function readLine(line: string): WitnessLine {
  const [pipeline, number, attempt, commit, step, ...more] = line.split(' ')
  if (pipeline === undefined || commit === undefined || step === undefined || more.length > 0) {
    throw new Error(`the witness file has a line that no step wrote: "${line}"`)
  }
  return { pipeline, number: Number(number), attempt: Number(attempt), commit, step }
}
