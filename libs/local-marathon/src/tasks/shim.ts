/**
 * The small shell that stands above every task. It outlives the server, so a task that ends while the server is down
 * still leaves its exit code. It keeps a log of at most two lines, `started PID STARTTIME` and `ended CODE`, on file
 * descriptor 3; appends are atomic, so when a restarted server writes `revoked` first, the shim sees on descriptor 4
 * that it came too late and starts nothing. The command runs in the foreground: a background job of a shell would
 * ignore SIGINT. The traps keep the shim alive while the signal does its work in the command.
 */
export const shimScript = `
read -r stat < /proc/$$/stat
began() { shift 19; start=$1; }
began \${stat##*) }
echo "started $$ $start" >&3
read -r first <&4
[ "$first" = "started $$ $start" ] || exit 75
exec 4<&-
trap : TERM INT HUP QUIT
(exec "$@" 3>&-)
code=$?
echo "ended $code" >&3
exit $code
`
