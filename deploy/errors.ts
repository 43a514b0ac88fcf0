import { defineErrors } from '@baton/model'

/** Every way the supervisor and the CLI say no by themselves. The services' own codes come through as they are. */
export const errors = defineErrors({
  PLATFORM_MISSING: {
    kind: 'unavailable',
    says: 'no platform was found from {dir} upwards',
    hint: 'start one with "baton up" (npm start), name its data with --data, or set BATON_URL, BATON_BUILDER_URL and BATON_TOKEN',
  },
  PLATFORM_STOPPED: {
    kind: 'unavailable',
    says: 'the platform of {dir} is not running',
    hint: 'start it with "baton up"',
  },
  BUILDER_UNREACHABLE: {
    kind: 'unavailable',
    says: 'the Pipeline-Builder at {url} does not answer',
    hint: '"baton status" shows what runs',
  },
  MARATHON_NOT_READY: {
    kind: 'unavailable',
    says: 'the local Marathon did not answer within {seconds} s: {why}',
    hint: 'its log is {log}',
  },
  SERVICE_NOT_HEALTHY: {
    kind: 'unavailable',
    says: '{service} did not become healthy within {seconds} s ({why})',
    hint: 'what it printed is in its sandbox; the log of the local Marathon is {log}',
  },
  PLATFORM_LOCKED: {
    kind: 'conflict',
    says: 'another supervisor (process {pid}) holds {dir}',
    hint: 'stop it first, or give it a moment',
  },
  PLATFORM_NOT_UP: {
    kind: 'unavailable',
    says: 'the supervisor ended before the platform was up: {why}',
    hint: 'see {log}',
  },
  DATA_NOT_OURS: {
    kind: 'conflict',
    says: '{dir} belongs to somebody else, or is not a folder',
    hint: 'name another data folder with --data, or start it as the account that owns this one',
  },
  DATA_UNREADABLE: {
    kind: 'forbidden',
    says: 'there is a platform in {dir}, which this account may not read',
    hint: 'use it as the account that owns it, or by BATON_URL, BATON_BUILDER_URL and a BATON_TOKEN of your own',
  },
  DATA_NOT_MADE: {
    kind: 'conflict',
    says: 'the data folder {dir} cannot be made: {why}',
    hint: 'name another with --data',
  },
  PORT_TAKEN: { kind: 'conflict', says: 'no free port was found from {port} to {last}' },
  TOKEN_FILE_UNREADABLE: { kind: 'forbidden', says: 'the admin token of {dir} cannot be read by this account' },
  BUILD_ID_INVALID: {
    kind: 'invalid',
    says: '"{text}" does not name a build',
    hint: 'write it as <pipeline>#<number>, such as todo#12; in a shell quote the #',
  },
  PIPELINE_UNKNOWN: {
    kind: 'missing',
    says: 'there is no pipeline "{name}"',
    hint: '{nearest}"baton status" lists them',
  },
  REPOSITORY_UNKNOWN: {
    kind: 'missing',
    says: 'there is no repository "{name}"',
    hint: '{nearest}"baton repo list" lists them',
  },
  STATUS_UNKNOWN: {
    kind: 'invalid',
    says: 'no build ever has the status "{name}"',
    hint: '{nearest}they are: {known}',
  },
  STEP_IS_GROUP: {
    kind: 'missing',
    says: '{step} of {build} is a {kind} of steps, which prints nothing itself',
    hint: 'steps with output: {steps}',
  },
  STEP_UNKNOWN: { kind: 'missing', says: '{build} has no step "{step}"', hint: 'its steps: {steps}' },
  ARGUMENT_INVALID: { kind: 'invalid', says: '{what}' },
  FILE_MISSING: { kind: 'missing', says: 'there is no {file}', hint: '"baton init" writes a first pipeline.ts' },
  FILE_EXISTS: { kind: 'conflict', says: '{file} is there already', hint: 'it was left as it is' },
  SERVICE_KIT_MISSING: {
    kind: 'missing',
    says: 'no project with workspaces and @baton/service-kit was found from {dir} upwards',
    hint: 'a service is written into a checkout of Baton, after "npm ci": the kit is on no registry yet',
  },
  SECRET_MISSING: {
    kind: 'invalid',
    says: 'no value was given',
    hint: 'pipe it in: printf %s "$VALUE" | baton repo secret set <slug> <name>',
  },
})
