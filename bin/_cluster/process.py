"""One server process that outlives this script: started apart, known by its pid and when that began."""
import os
import signal
import socket
import subprocess
import time

from .place import Broken


class Process:
    def __init__(self, place, name, argv, ports=(), env=None, cwd=None, patience=30,
                 farewell=signal.SIGTERM, wrapped=False):
        self.place, self.name, self.argv, self.ports = place, name, [str(word) for word in argv], ports
        self.env, self.cwd, self.patience, self.farewell = env or {}, cwd, patience, farewell
        self.wrapped = wrapped
        self.note = place.folder / "run" / f"{name}.pid"

    @property
    def pid(self):
        """Its pid, if it lives. A pid that belongs to somebody else by now does not count."""
        try:
            pid, began = self.note.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if began_at(int(pid)) == began else None

    @property
    def serving(self):
        """The pid that does the work: of the server, where a script stays around it."""
        own = self.pid
        return family(own)[-1] if own and self.wrapped else own

    @property
    def has_crashed(self):
        """It was started, nobody stopped it, and it is gone."""
        return self.note.exists() and not self.pid

    def start(self):
        if self.pid:
            return
        self.sweep()
        for host, port in self.ports:
            # A predecessor that was killed may still be letting go.
            if not wait(lambda: not is_taken(host, port), 3):
                raise Broken(f"{host}:{port} is used by {holder(port)}; stop it, or shift all ports with "
                             "PETIT_CLUSTER_OFFSET=100")
        with open(self.place.log(self.name), "ab") as log:
            started = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.cwd,
                env={**os.environ, **self.env}, start_new_session=True)
        self.note.write_text(f"{started.pid} {began_at(started.pid)}")

    def wake(self):
        """Lets it go on if somebody froze it."""
        if self.pid:
            send(self.pid, signal.SIGCONT)

    def stop(self):
        """Asks, and insists when that takes too long. What it leaves behind goes too."""
        pid = self.pid
        if pid:
            send(pid, self.farewell)
            send(pid, signal.SIGCONT)
            wait(lambda: self.pid is None, self.patience)
        self.sweep()

    def sweep(self):
        """Ends what is left of its session, also when its head was killed, and forgets it."""
        def left():
            return session_of(*self.note.read_text().split()) if self.note.exists() else []
        for pid in left():
            send(pid, signal.SIGKILL)
        wait(lambda: not left(), 10)
        self.note.unlink(missing_ok=True)

    def memory(self):
        """Resident MiB of the process and its children."""
        own = self.pid
        return sum(resident(pid) for pid in family(own)) if own else 0


def began_at(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def send(pid, what):
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass


def session_of(leader, began):
    """Who lives in the session that this process opened. What is older was there before it."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] not in "ZX" and fields[3] == leader and int(fields[19]) >= int(began):
            found.append(int(entry))
    return found


def holder(port):
    """Who listens there, as far as we may see it."""
    wanted = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as rows:
            fields = [row.split() for row in rows][1:]
        wanted |= {f"socket:[{row[9]}]" for row in fields
                   if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            handles = os.listdir(f"/proc/{entry}/fd")
            if any(os.readlink(f"/proc/{entry}/fd/{handle}") in wanted for handle in handles):
                with open(f"/proc/{entry}/comm") as comm:
                    return f"{comm.read().strip()} (pid {entry})"
        except OSError:
            continue
    return "another program"


def family(pid):
    found = [pid]
    for own in found:
        try:
            with open(f"/proc/{own}/task/{own}/children") as children:
                found += [int(child) for child in children.read().split()]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def resident(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            pss = [line for line in rollup if line.startswith("Pss:")]
        return int(pss[0].split()[1]) // 1024
    except (OSError, IndexError):
        return 0


def is_taken(host, port):
    """Whether we could not listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def wait(condition, seconds, every=0.1):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(every)
    return condition()
