import type { Settings } from '../settings.ts'

/** The version whose behaviour this server has. */
const version = '1.11.24'
/** How clients tell this server from a Mesos cluster: its sandboxes are served on this port, not by agents. */
export const localBuildref = 'baton-local'

/** `/v2/info`. What has no meaning on one machine shows Marathon's default. */
export function showInfo(settings: Settings) {
  const address = `${settings.taskHost}:${settings.port}`
  return {
    name: 'marathon',
    version,
    buildref: localBuildref,
    elected: true,
    leader: address,
    frameworkId: settings.frameworkId,
    marathon_config: {
      access_control_allow_origin: [],
      checkpoint: true,
      executor: '//cmd',
      failover_timeout: 604_800,
      features: [],
      framework_name: 'marathon',
      ha: false,
      hostname: settings.taskHost,
      local_port_max: settings.servicePorts.to,
      local_port_min: settings.servicePorts.from,
      task_launch_confirm_timeout: settings.taskLaunchMaxMs,
      task_launch_timeout: settings.taskLaunchMaxMs,
      task_lost_expunge_initial_delay: 300_000,
      task_lost_expunge_interval: 30_000,
      webui_url: `http://${address}`,
    },
    zookeeper_config: {
      zk: 'none',
      zk_connection_timeout: 0,
      zk_max_versions: 50,
      zk_session_timeout: 0,
      zk_timeout: 0,
    },
    http_config: { http_port: settings.port, https_port: 0 },
  }
}
