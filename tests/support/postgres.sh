# Keeps one throw-away PostgreSQL cluster for the process at the other end of its standard input, and removes it when
# that end is closed: by a drop, by the end of the process, or by a SIGKILL that left nobody else to do it.
#
# Run by tests/support/postgres.rs:  sh -c THIS name HOME BIN [program that changes the user, with its arguments]
# Each line it reads is a port to try. It answers each step with a line: initialised, started or failed.

# The terminal's Ctrl-C and a broken pipe end the tests, not the clean-up.
trap '' HUP INT TERM PIPE
home=${1:?} bin=${2:?}
shift 2
# What is left of "$@" now runs a program as the cluster's owner.

# Durability is on, as the server under test demands. Only loopback listens, and no socket lies about in the file system.
initialise() {
    "$@" "$bin/initdb" -D "$home/data" -A trust -U hotline -E UTF8 --locale=C --no-sync &&
        cat >>"$home/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 400
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
SETTINGS
}

if initialise "$@" </dev/null >>"$home/log" 2>&1; then echo initialised; else echo failed; fi
while read -r port; do
    if "$@" "$bin/pg_ctl" start -D "$home/data" -l "$home/server.log" -w -t 60 -o "-p $port" \
        </dev/null >>"$home/log" 2>&1; then
        echo started
    else
        echo failed
    fi
done
"$@" "$bin/pg_ctl" stop -D "$home/data" -m immediate -w -t 60 </dev/null >/dev/null 2>&1
rm -rf "$home"
