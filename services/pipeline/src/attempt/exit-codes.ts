/** How a run-once process ends. Marathon's task state is never taken for the result; these are for people. */
export const exitCodes = {
  success: 0,
  /** The build is red, killed or timed out, and that is reported. */
  red: 1,
  /** The environment of the task is wrong. */
  wrongEnv: 2,
  /** This process has no right to the build (any more). */
  fenced: 75,
  /** No answer for so long that another attempt may have taken over. */
  silence: 76,
} as const
