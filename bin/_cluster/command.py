"""What can be asked of bin/cluster."""
import argparse
import fcntl
import shutil
import threading
import time

from .cassandra import Cassandra, Ring
from .keycloak import Keycloak, Postgres
from .nats import Nats
from .place import Broken, Place
from .process import wait
from .seaweedfs import SeaweedFs

# Each list is brought up one after the other; the lists at the same time.
LINES = [[Cassandra], [Nats], [Postgres, Keycloak], [SeaweedFs], [Ring]]
USUAL = ["cassandra", "nats", "postgres", "keycloak", "seaweedfs"]


def main(words):
    parser = argparse.ArgumentParser(prog="bin/cluster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="install and start what is not there yet, and wait until it answers")
    up.add_argument("--only", help="some parts, separated by commas")
    up.add_argument("--ring", action="store_true", help="also three Cassandras that keep three copies")
    down = commands.add_parser("down", help="stop everything; data stays")
    down.add_argument("--wipe", action="store_true", help="and forget all data and passwords")
    commands.add_parser("status", help="what runs")
    for name, about in (("logs", "print the end of a log"), ("pid", "print a pid"), ("start", "start one process"),
                        ("stop", "stop one process")):
        commands.add_parser(name, help=about).add_argument("process")
    asked = parser.parse_args(words)
    place = Place()
    return globals()[f"do_{asked.command}"](place, asked)


def do_up(place, asked):
    wanted = asked.only.split(",") if asked.only else list(USUAL)
    wanted += ["ring"] if asked.ring else []
    with open(place.folder / "run/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines = [[kind(place) for kind in line if kind.name in wanted] for line in LINES]
        outcomes = {}
        threads = [threading.Thread(target=bring_up, args=(line, outcomes)) for line in lines if line]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        write_env(place)
    table(place, outcomes)
    broken = [name for name, outcome in outcomes.items() if isinstance(outcome, Exception)]
    return 1 if broken or len(outcomes) < len(set(wanted)) else 0


def bring_up(line, outcomes):
    """Each of a line needs the one before it."""
    for part in line:
        began = time.monotonic()
        try:
            was_up = all(process.pid for process in part_processes(part)) and part.is_ready()
            if not was_up:
                part.install()
                part.prepare()
                for process in part.processes():
                    process.start()
                if not wait(part.is_ready, part.patience, 0.2):
                    raise Broken(f"it does not answer; see {part.place.log(part.processes()[0].name)}")
                part.settle()
            outcomes[part.name] = "ran already" if was_up else f"{time.monotonic() - began:.1f} s"
        except (Broken, OSError) as error:
            outcomes[part.name] = error
            return


def part_processes(part):
    """Its processes; none before it is installed."""
    try:
        return part.processes()
    except (StopIteration, OSError, Broken):
        return []


def every_part(place):
    return [kind(place) for line in LINES for kind in line]


def write_env(place):
    """Lines of what answers now."""
    lines = {}
    for part in every_part(place):
        processes = part_processes(part)
        if processes and all(process.pid for process in processes) and part.is_ready():
            lines.update(part.env())
    place.write_env(lines)


def table(place, outcomes):
    print(f"{'part':11}{'version':9}{'port':7}{'memory':10}came up in")
    total = 0
    for part in every_part(place):
        if part.name not in outcomes:
            continue
        outcome = outcomes[part.name]
        processes = part_processes(part)
        memory = sum(process.memory() for process in processes)
        total += memory
        port = processes[-1].ports[0][1] if processes else "-"
        said = f"NOT STARTED: {outcome}" if isinstance(outcome, Exception) else outcome
        print(f"{part.name:11}{part.version:9}{port:<7}{memory:>5} MiB {said}")
    print(f"together {total} MiB; addresses and passwords are in {place.env_file}")


def do_down(place, asked):
    for line in LINES:
        for kind in reversed(line):
            for process in reversed(part_processes(kind(place))):
                process.stop()
    place.env_file.unlink(missing_ok=True)
    if asked.wipe:
        for part in every_part(place):
            part.wipe()
        for name in ("data", "run", "log"):
            shutil.rmtree(place.folder / name, ignore_errors=True)
    return 0


def do_status(place, _asked):
    lines = []
    for part in every_part(place):
        for process in part_processes(part):
            if process.pid or process.note.exists():
                state = f"pid {process.pid}, {process.memory()} MiB" if process.pid else "not running"
                lines.append(f"{process.name:13}{state}")
    print("\n".join(lines) or "nothing runs")
    return 0


def named(place, asked):
    for part in every_part(place):
        for process in part_processes(part):
            if process.name == asked.process:
                return part, process
    raise SystemExit(f"there is no process {asked.process!r} here")


def do_logs(place, asked):
    path = place.log(named(place, asked)[1].name)
    print("\n".join(path.read_text(errors="replace").splitlines()[-100:]))
    return 0


def do_pid(place, asked):
    pid = named(place, asked)[1].pid
    print(pid or "not running")
    return 0 if pid else 1


def do_start(place, asked):
    part, process = named(place, asked)
    process.start()
    return 0 if wait(part.is_ready, part.patience, 0.2) else 1


def do_stop(place, asked):
    named(place, asked)[1].stop()
    return 0
