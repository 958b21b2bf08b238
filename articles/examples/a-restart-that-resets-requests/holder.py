# Holds a listening socket as systemd does for a unit with a socket, and starts the program given on the
# command line with it (descriptor 3). A line on standard input stops that program with SIGTERM, waits until it
# has ended, and starts the next. Connections that arrive in between wait in the socket.
import socket
import subprocess
import sys

listening = socket.create_server(("127.0.0.1", 0), backlog=511)
command = ["sh", "-c", f'exec "$@" 3<&{listening.fileno()}', "sh", *sys.argv[1:]]


def start():
    child = subprocess.Popen(command, pass_fds=[listening.fileno()], stdout=subprocess.PIPE)
    child.stdout.readline()  # it listens
    return child


running = start()
print(listening.getsockname()[1], flush=True)
for _ in sys.stdin:
    running.terminate()
    running.wait()
    running = start()
    print("restarted", flush=True)
running.terminate()
running.wait()
