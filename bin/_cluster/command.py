"""What can be asked of bin/cluster."""
import argparse
import contextlib
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
    try:
        return globals()[f"do_{asked.command}"](Place(), asked)
    except Broken as error:
        raise SystemExit(f"error: {error}") from None


def do_up(place, asked):
    wanted = asked_for(asked)
    with locked(place):
        lines = [[kind(place) for kind in line if kind.name in wanted] for line in LINES]
        outcomes = {}
        threads = [threading.Thread(target=bring_up, args=(line, outcomes)) for line in lines if line]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        write_env(place, outcomes)
    table(place, outcomes)
    return 1 if any(isinstance(outcome, Exception) for outcome in outcomes.values()) else 0


def asked_for(asked):
    kinds = {kind.name: kind for line in LINES for kind in line}
    wanted = asked.only.split(",") if asked.only else list(USUAL)
    wanted += ["ring"] if asked.ring else []
    unknown = [name for name in wanted if name not in kinds]
    if unknown:
        raise SystemExit(f"error: there is no part {', '.join(unknown)}; there are {', '.join(kinds)}")
    return {needed for name in wanted for needed in (name, *kinds[name].needs)}


@contextlib.contextmanager
def locked(place):
    """One command changes things at a time."""
    with open(place.folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def bring_up(line, outcomes):
    """Each of a line needs the one before it."""
    for part in line:
        try:
            outcomes[part.name] = bring_up_surely(part)
            write_env(part.place, outcomes)
        except Exception as error:
            outcomes[part.name] = error
            for rest in line[line.index(part) + 1:]:
                outcomes[rest.name] = Broken(f"it needs {part.name}")
            return


def bring_up_surely(part):
    """A registry that did not answer or a busy machine is no reason to do without: once more helps."""
    try:
        return bring_up_part(part)
    except Exception as error:
        return f"{bring_up_part(part)}, at the second try; the first: {error}"


def bring_up_part(part):
    """Says how it went."""
    known, mended = part_processes(part), ""
    if known and all(process.pid for process in known):
        for process in known:
            process.wake()
        if wait(part.is_ready, 15, 0.2):
            part.settle()
            return "ran already"
        mended = "it was stuck; "
        for process in reversed(known):
            process.stop()
    elif any(process.has_crashed for process in known):
        mended = f"{', '.join(process.name for process in known if process.has_crashed)} had crashed; "
    began = time.monotonic()
    part.install()
    part.prepare()
    installed = time.monotonic()
    for process in part.processes():
        process.wake()
        process.start()
    if not wait(lambda: part.is_ready() or any(process.has_crashed for process in part.processes()), part.patience, 0.2):
        raise Broken(f"it does not answer after {part.patience} s; see {part.place.log(part.processes()[0].name)}")
    for process in part.processes():
        if process.has_crashed:
            raise Broken(f"{process.name} ended while it started; its log {part.place.log(process.name)} ends with"
                         + "".join(f"\n    {row[:160]}" for row in tail(part.place.log(process.name), 5)))
    part.settle()
    prepared = installed - began
    before = f", after {prepared:.1f} s of installing" if prepared > 2 else ""
    return f"{mended}{time.monotonic() - installed:.1f} s{before}"


def tail(path, lines):
    return path.read_text(errors="replace").splitlines()[-lines:] if path.exists() else []


def part_processes(part):
    """Its processes; none before it is installed."""
    try:
        return part.processes()
    except (StopIteration, OSError, Broken):
        return []


def every_part(place):
    return [kind(place) for line in LINES for kind in line]


writing = threading.Lock()


def write_env(place, outcomes):
    """Lines of what runs: it was just brought up, or it was there and answers."""
    with writing:
        up = {name for name, outcome in outcomes.copy().items() if not isinstance(outcome, Exception)}
        lines = {}
        for part in every_part(place):
            processes = part_processes(part)
            if processes and all(process.pid for process in processes) and (part.name in up or part.is_ready()):
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
    with locked(place):
        threads = [threading.Thread(target=take_down, args=(place, line)) for line in LINES]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        place.env_file.unlink(missing_ok=True)
        if asked.wipe:
            for part in every_part(place):
                part.wipe()
            for name in ("data", "run", "log"):
                shutil.rmtree(place.folder / name, ignore_errors=True)
    return 0


def take_down(place, line):
    """In the other order: who needs somebody goes first."""
    for kind in reversed(line):
        for process in reversed(part_processes(kind(place))):
            process.stop()


def do_status(place, _asked):
    """0 if all that was started runs, 1 if something of it does not."""
    rows, missing = [], 0
    for part in every_part(place):
        for process in part_processes(part):
            if process.pid or process.note.exists():
                port = process.ports[0][1] if process.ports else "-"
                state = f"{process.memory():>5} MiB  pid {process.serving}" if process.pid else "not running"
                rows.append(f"{process.name:13}{part.version:9}{port:<7}{state}")
                missing += not process.pid
    print("\n".join(rows) or "nothing runs")
    return 1 if missing else 0


def named(place, asked):
    for part in every_part(place):
        for process in part_processes(part):
            if process.name == asked.process:
                return part, process
    raise Broken(f"there is no process {asked.process!r} here")


def do_logs(place, asked):
    print("\n".join(tail(place.log(named(place, asked)[1].name), 100)))
    return 0


def do_pid(place, asked):
    pid = named(place, asked)[1].serving
    print(pid or "not running")
    return 0 if pid else 1


def do_start(place, asked):
    with locked(place):
        part, process = named(place, asked)
        process.start()
        return 0 if wait(part.is_ready, part.patience, 0.2) else 1


def do_stop(place, asked):
    with locked(place):
        named(place, asked)[1].stop()
    return 0
