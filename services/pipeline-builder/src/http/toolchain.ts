import type { Service } from '@baton/service-kit'
import { errors } from '../errors.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'

/** GET /toolchain/<digest>.tgz, without a token: nothing in it is secret, and its address never changes its content. */
export function addToolchainRoute(service: Service, toolchain: Toolchain): void {
  service.get<{ Params: { file: string } }>('/toolchain/:file', async (request, reply) => {
    const digest = request.params.file.replace(/\.tgz$/, '')
    if (digest !== toolchain.digest) throw errors.TOOLCHAIN_UNKNOWN({ digest: digest.slice(0, 80) })
    return reply
      .type('application/gzip')
      .header('content-length', toolchain.bytes)
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(toolchain.openArchive())
  })
}
