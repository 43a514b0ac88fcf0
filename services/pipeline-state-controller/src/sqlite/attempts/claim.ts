import type { Assembly, Claim, ClaimAnswer } from '@baton/state-client'
import { protocolsServed } from '@baton/state-client/wire'
import { errors } from '../../errors.ts'
import { hashOf, isSame } from '../../keys/keys.ts'
import { moveBuild } from '../builds/move-build.ts'
import { findAttemptRow, findBuildRow } from '../read.ts'
import { openSecrets } from '../repositories/secret-store.ts'
import { parse } from '../rows.ts'
import type { Tx } from '../store.ts'
import { getForWriting, type Named } from './fence.ts'

/** Burns the ticket for one nonce. Whatever does not fit is one and the same no: a guess learns nothing. */
export function claim(tx: Tx, wanted: Claim): ClaimAnswer {
  const named = findFitting(tx, wanted)
  if (named === undefined) throw errors.TICKET_UNKNOWN()
  const { build, attempt } = named
  const { pipeline, number, protocol } = wanted
  if (!(protocolsServed as readonly number[]).includes(protocol)) {
    throw errors.PROTOCOL_UNSERVED({ protocol, served: protocolsServed.join(', ') })
  }
  const nonceHash = hashOf(wanted.nonce)
  if (attempt.nonce_hash !== null && attempt.nonce_hash !== nonceHash) {
    throw errors.CLAIM_TAKEN({ pipeline, number, attempt: attempt.number })
  }
  if (build.status === 'killed') throw errors.BUILD_KILLED({ pipeline, number })
  const isRepeat = attempt.nonce_hash !== null
  if (isRepeat) getForWriting(tx, wanted, 'process')
  else if (build.status !== 'placing' || build.attempt !== attempt.number || attempt.condemned_at !== null) {
    throw errors.ATTEMPT_FENCED({ pipeline, number, attempt: attempt.number })
  }
  const secrets = build.lane === 'meta' ? {} : openSecrets(tx, build.repository)
  // Secrets only go to what Marathon was seen to have taken from us.
  if (Object.keys(secrets).length > 0 && attempt.placed_at === null) {
    throw errors.CLAIM_TOO_EARLY({ pipeline, number, attempt: attempt.number })
  }
  const token = tx.keys.buildToken(`${pipeline}#${number}`, attempt.number, wanted.nonce)
  if (!isRepeat) burn(tx, named, wanted, nonceHash, hashOf(token))
  return {
    ...{ token, protocol, secrets },
    commit: build.hash,
    ref: build.ref,
    repository: { slug: build.repository, url: urlOf(tx, build.repository) },
    timeoutMs: attempt.timeout_ms,
    silenceMaxMs: tx.settings.silenceMaxMs,
    assembly: build.lane === 'meta' && build.assembly !== null ? parse<Assembly>(build.assembly) : null,
  }
}

function findFitting(tx: Tx, { pipeline, number, attempt: n, ticket }: Claim): Named | undefined {
  const build = findBuildRow(tx.db, pipeline, number)
  const attempt = build && findAttemptRow(tx.db, build.id, n)
  const isFitting = isSame(ticket, tx.keys.ticket(`${pipeline}#${number}`, n))
  return isFitting && build !== undefined && attempt !== undefined ? { build, attempt } : undefined
}

/** Of one that was removed too: what ran then ends by itself, and its process may have missed the first answer. */
function urlOf({ db }: Tx, slug: string): string {
  const row = db.find<{ url: string }>('SELECT url FROM repositories WHERE slug = ?', slug)
  if (row === undefined) throw new Error(`the repository ${slug} of a claimed build is not there`)
  return row.url
}

function burn(tx: Tx, { build, attempt }: Named, wanted: Claim, nonceHash: string, tokenHash: string): void {
  tx.db.run(
    `UPDATE attempts SET nonce_hash = ?, token_hash = ?, task_id = ?, sandbox = ?, claimed_at = ?, last_seen_at = ?
     WHERE build = ? AND number = ?`,
    nonceHash,
    tokenHash,
    wanted.taskId,
    wanted.sandbox && JSON.stringify(wanted.sandbox),
    tx.now,
    tx.now,
    build.id,
    attempt.number,
  )
  tx.touchAttempt(build.id, attempt.number)
  moveBuild(tx, build, 'running', null)
  // One that waited for room in Marathon does so no more.
  tx.ring(`place-${build.lane}`)
}
