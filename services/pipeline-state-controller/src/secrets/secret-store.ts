/** Secrets of repositories, encrypted at rest. */
export interface SecretStore {
  /** @throws REPOSITORY_UNKNOWN */
  listNames(slug: string): Promise<string[]>
  /** Sets or replaces. @throws REPOSITORY_UNKNOWN, SECRET_NAME_INVALID */
  set(slug: string, name: string, value: string, now: Date): Promise<void>
  /** @throws REPOSITORY_UNKNOWN, SECRET_UNKNOWN */
  remove(slug: string, name: string, now: Date): Promise<void>
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const takenPattern = /^(BATON|MESOS|MARATHON)_/i

/** Whether a secret may have this name: that of a variable, and none that the platform sets itself. */
export const isSecretName = (name: string): boolean => namePattern.test(name) && !takenPattern.test(name)
