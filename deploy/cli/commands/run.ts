import type { Call } from '../command.ts'
export async function runPipeline(_call: Call, _file: string | undefined): Promise<number> {
  throw new Error('later')
}
