import { closeSync, openSync, readSync, watch } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { isOver } from '@baton/model'
import type { Recorder } from '@baton/pipeline/engine'
import type { View } from './view.ts'

interface Followed {
  readonly decoder: StringDecoder
  offset: number
  isOver: boolean
}

const pieceBytes = 64 * 1024
const pollMs = 100

/** Shows a run in a view: steps as they move, and their output files as they grow. */
export function createFollower(folder: string, view: View): { recorder: Recorder; close(): void } {
  const followed = new Map<string, Followed>()
  const pathOf = (id: string): string => join(folder, `${id}.log`)

  function look(id: string, file: Followed): void {
    const fd = openSync(pathOf(id), 'a+')
    const piece = Buffer.allocUnsafe(pieceBytes)
    for (let bytes = -1; bytes !== 0; file.offset += bytes) {
      bytes = readSync(fd, piece, 0, piece.length, file.offset)
      if (bytes > 0) view.printed(id, file.decoder.write(piece.subarray(0, bytes)))
    }
    closeSync(fd)
  }

  const lookAll = (): void => {
    for (const [id, file] of followed) if (!file.isOver) look(id, file)
  }
  const watcher = watch(folder, lookAll)
  const timer = setInterval(lookAll, pollMs)

  const recorder: Recorder = {
    plan: view.planned,
    step(id, status, more) {
      const file = followed.get(id)
      if (file !== undefined && isOver(status)) {
        look(id, file)
        file.isOver = true
      }
      view.moved(id, status, more)
    },
    outputPath(id) {
      followed.set(id, { decoder: new StringDecoder('utf8'), offset: 0, isOver: false })
      return pathOf(id)
    },
  }
  return {
    recorder,
    close() {
      clearInterval(timer)
      watcher.close()
    },
  }
}
