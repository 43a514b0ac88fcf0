"""Drives every call of Debian's python3-marathon, which knows nothing of this server. Ends with 1 at the first surprise."""

import itertools
import json
import sys
import threading
import time

from marathon import MarathonClient
from marathon.exceptions import InternalServerError, MarathonHttpError, NotFoundError
from marathon.models import MarathonApp, MarathonGroup, MarathonHealthCheck

WAIT_SECONDS = 60
called = set()


class Recorded:
    """The client, noting which of its calls were made."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        called.add(name)
        return getattr(self._client, name)


client = Recorded(MarathonClient(sys.argv[1], username='marathon', password=sys.argv[2]))


def check(what, holds):
    if not holds:
        sys.exit(f'{what}: not so')


def wait_for(what, look):
    end_at = time.monotonic() + WAIT_SECONDS
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end_at:
            sys.exit(f'waited {WAIT_SECONDS} s for {what}')
        time.sleep(0.05)


def refused(error, call):
    try:
        call()
    except error as refusal:
        return refusal
    sys.exit(f'{call} was not refused with {error.__name__}')


def settled():
    wait_for('the deployments', lambda: client.list_deployments() == [])


def runs(app_id, count):
    return wait_for(f'{count} of {app_id}', lambda: (lambda app: app.tasks_running == count and app)(client.get_app(app_id)))


def app(**fields):
    return MarathonApp(**{'cmd': 'exec sleep 1000', 'cpus': 0.1, 'mem': 16, 'instances': 1, **fields})


# The server
check('ping', client.ping() == b'pong')
check('info', client.get_info().name == 'marathon' and client.get_info().version.startswith('1.11'))
check('leader', ':' in client.get_leader()['leader'])
check('metrics', client.get_metrics()['gauges']['marathon.apps.active.gauge']['value'] == 0)

# Events, followed beside everything else
events = []
is_open = threading.Event()


# Since 1.8 Marathon sends deployments without the old and new definitions, which this client cannot read.
readable = ['status_update_event', 'instance_changed_event', 'api_post_event', 'event_stream_attached']


def follow():
    for event in client.event_stream(event_types=readable):
        is_open.set()
        events.append(event)


threading.Thread(target=follow, daemon=True).start()
check('the event stream opens', is_open.wait(WAIT_SECONDS))
first = next(iter(client.event_stream(raw=True, event_types=['event_stream_attached'])))
check('raw events', json.loads(first)['eventType'] == 'event_stream_attached')

# Apps
web = app(
    labels={'kind': 'web'},
    health_checks=[MarathonHealthCheck(protocol='COMMAND', command={'value': 'true'}, interval_seconds=1, delay_seconds=0)],
)
created = client.create_app('/py/web', web)
check('created', created.id == '/py/web' and created.deployments)
check('lists by label', [one.id for one in client.list_apps(label='kind==web')] == ['/py/web'])
check('lists by command and id', len(client.list_apps(cmd='sleep', app_id='py/web', embed_counts=True)) == 1)
runs('/py/web', 1)
settled()
embedded = client.get_app(
    '/py/web', embed_tasks=True, embed_counts=True, embed_deployments=True, embed_readiness=True,
    embed_last_task_failure=True, embed_failures=True,
)
check('embeds', embedded.tasks[0].state == 'TASK_RUNNING')
# Marathon writes them as `tasksStats`, a name that this client does not know.
refused(TypeError, lambda: client.get_app('/py/web', embed_task_stats=True))
first_version = embedded.version
client.update_app('/py/web', MarathonApp(env={'A': '1'}), force=True)
settled()
check('updated', client.get_app('/py/web').env == {'A': '1'})
client.rollback_app('/py/web', first_version)
settled()
check('rolled back', client.get_app('/py/web').env == {})
versions = client.list_versions('/py/web')
check('versions', len(versions) == 3 and client.get_version('/py/web', versions[-1]).id == '/py/web')
client.restart_app('/py/web')
settled()
client.scale_app('/py/web', delta=2)
runs('/py/web', 3)
settled()
check('several at once', 'deploymentId' in client.update_apps([MarathonApp(id='/py/web', instances=2), app(id='/py/two')]))
settled()
check('endpoints', len(client.list_endpoints()) == 3)
refused(NotFoundError, lambda: client.get_app('/py/nothing'))

# Tasks
tasks = client.list_tasks('/py/web')
check('tasks', len(tasks) == 2 and len(client.list_tasks()) == 3)
killed = client.kill_task('/py/web', tasks[0].id)
check('one killed', killed.id == tasks[0].id)
wait_for('another', lambda: tasks[0].id not in [t.id for t in client.list_tasks('/py/web')])
runs('/py/web', 2)
check('killed with its place', 'deploymentId' in client.kill_task('/py/web', client.list_tasks('/py/web')[0].id, scale=True))
settled()
check('all killed', len(client.kill_tasks('/py/web', wipe=True)) == 1)
runs('/py/web', 1)
check('given ones', client.kill_given_tasks([client.list_tasks('/py/two')[0].id], scale=True, force=True))
runs('/py/two', 0)

# Queue and deployments
client.create_app('/py/big', app(cpus=1000))
wait_for('the deployment', client.list_deployments)
# Since 1.9 an item names its role, which this client does not know; an empty queue it can read.
refused(TypeError, lambda: client.list_queue(embed_last_unused_offers=True))
client.reset_delay('/py/big')
deployment = client.list_deployments()[0]
check('deployment', deployment.affected_apps == ['/py/big'] and deployment.current_actions[0].action == 'ScaleApplication')
check('taken back', 'deploymentId' in client.delete_deployment(deployment.id))
settled()
refused(NotFoundError, lambda: client.get_app('/py/big'))
client.create_app('/py/big', app(cpus=1000))
check('stopped', client.delete_deployment(client.list_deployments()[0].id, force=True) == {})
check('deleted', 'deploymentId' in client.delete_app('/py/big', force=True))
settled()
check('queue', client.list_queue() == [])

# Groups
client.create_group(MarathonGroup(id='/grp', apps=[app(id='/grp/a')], groups=[MarathonGroup(id='/grp/sub', apps=[app(id='/grp/sub/b')])]))
settled()
check('groups', [one.id for one in client.list_groups()] == ['/grp', '/py'])
shown = client.get_group('/grp')
check('a group', [one.id for one in shown.apps] == ['/grp/a'] and shown.groups[0].id == '/grp/sub')
client.scale_group('/grp', 2)
settled()
check('scaled', client.get_app('/grp/sub/b').instances == 2)
client.update_group('/grp', MarathonGroup(dependencies=['/py']))
check('updated group', client.get_group('/grp').dependencies == ['/py'])
# A path of long ago: Marathon 1.11 takes it for the name of a group, and misses the body.
refused(MarathonHttpError, lambda: client.rollback_group('/grp', shown.version))
client.delete_group('/grp', force=True)
settled()

# Callbacks are gone since Marathon 1.7
refused(InternalServerError, client.list_event_subscriptions)
refused(InternalServerError, lambda: client.create_event_subscription('http://127.0.0.1:1'))
refused(InternalServerError, lambda: client.delete_event_subscription('http://127.0.0.1:1'))

check('abdicated', 'abdicated' in client.delete_leader()['message'])
for name in readable:
    wait_for(name, lambda: any(event.event_type == name for event in list(events)))

everything = {name for name in dir(MarathonClient) if not name.startswith('_')}
check(f'every call was made, but {sorted(everything - called)}', everything <= called)
print(json.dumps({'calls': len(called), 'events': len(events)}))
