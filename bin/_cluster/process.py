"""One server process that outlives this script: started apart, known by its pid and when that began."""
import os
import signal
import socket
import subprocess
import time

from .place import Broken


class Process:
    def __init__(self, place, name, argv, ports=(), env=None, cwd=None, patience=30):
        self.place, self.name, self.argv, self.ports = place, name, [str(word) for word in argv], ports
        self.env, self.cwd, self.patience = env or {}, cwd, patience
        self.note = place.folder / "run" / f"{name}.pid"

    @property
    def pid(self):
        """Its pid, if it lives. A pid that belongs to somebody else by now does not count."""
        try:
            pid, began = self.note.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if began_at(int(pid)) == began else None

    def start(self):
        if self.pid:
            return
        for host, port in self.ports:
            if is_taken(host, port):
                raise Broken(f"{host}:{port} is used by another program; set PETIT_CLUSTER_OFFSET to shift the ports")
        with open(self.place.log(self.name), "ab") as log:
            started = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.cwd,
                env={**os.environ, **self.env}, start_new_session=True)
        self.note.write_text(f"{started.pid} {began_at(started.pid)}")

    def stop(self):
        pid = self.pid
        if not pid:
            return
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGTERM)
        if not wait(lambda: self.pid is None, self.patience):
            os.killpg(pid, signal.SIGKILL)
            wait(lambda: self.pid is None, 5)

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
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def wait(condition, seconds, every=0.1):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(every)
    return condition()
