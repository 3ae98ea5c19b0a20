"""What every part can do, and what parts share."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request

from .place import Broken


class Part:
    """A server: where it comes from, its processes in the order they start, and when it answers."""

    name = version = ""
    patience = 90
    needs = ()

    def __init__(self, place):
        self.place = place

    def install(self):
        raise NotImplementedError

    def processes(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def prepare(self):
        """Runs before the first process starts."""

    def settle(self):
        """Runs once it answers."""

    def wipe(self):
        """Forgets data that is not in the common folder."""

    def env(self):
        return {}


def run(argv, why, **options):
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        raise Broken(f"{why}: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout


# One at a time: neither Debian's nor Maven's client likes company.
debian, repository = threading.Lock(), threading.Lock()


def need(place, command, *packages):
    """A program of Debian's, installed if we may."""
    found = shutil.which(command)
    if found:
        return found
    how = [] if place.is_root else ["sudo", "-n"]
    if not shutil.which("apt-get"):
        raise Broken(f"{command} is missing; install {' '.join(packages)}")
    missing = f"{command} is missing and could not be installed; run: apt-get install {' '.join(packages)}"
    if how and not shutil.which("sudo"):
        raise Broken(missing)
    with debian:
        run([*how, "apt-get", "update", "-qq"], missing)
        run([*how, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq",
             "--no-install-recommends", *packages], missing)
    return shutil.which(command) or command


def maven(place, goal, *options):
    java = java_home(place)
    mvn = need(place, "mvn", "maven")
    plugin = f"org.apache.maven.plugins:maven-dependency-plugin:3.6.1:{goal}"
    if not os.access(pathlib.Path.home(), os.W_OK):
        options = (f"-Dmaven.repo.local={place.folder / 'maven'}", *options)
    with repository:
        run([mvn, "-q", "-B", plugin, *options], "Maven could not fetch it", env={**os.environ, "JAVA_HOME": str(java)})


def java_home(place):
    """Java 17, which all parts take. A newer one, wherever it stands in the path, is none for Cassandra."""
    def found():
        homes = [pathlib.Path(os.environ.get("JAVA_HOME") or "/"), *sorted(pathlib.Path("/usr/lib/jvm").glob("*17*"))]
        if shutil.which("java"):
            homes.append(pathlib.Path(shutil.which("java")).resolve().parent.parent)
        return next((home for home in homes if java_version(home) == 17), None)
    home = found()
    if not home:
        need(place, "java-17", "openjdk-17-jre-headless")
        home = found()
    if not home:
        raise Broken("Java 17 is missing; install openjdk-17-jre-headless")
    return home


def java_version(home):
    if not (home / "bin/java").exists():
        return None
    said = subprocess.run([home / "bin/java", "-version"], capture_output=True, text=True).stderr
    version = re.search(r'version "(\d+)', said)
    return int(version[1]) if version else None


def pip(place, requirement, target):
    python = sys.executable
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode:
        need(place, "pip for Python", "python3-pip")
    run([python, "-m", "pip", "install", "-q", "--no-deps", "--disable-pip-version-check", "--root-user-action=ignore",
         "--target", target, requirement], "pip could not fetch it")


def answers(url, status=200):
    # Whatever proxy the environment names, the parts are on this machine.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return answer.status == status
    except OSError:
        return False


def greets(host, port, hello, reply):
    """Whether the first bytes of a protocol are answered as they should be."""
    try:
        with socket.create_connection((host, port), timeout=2) as link:
            link.settimeout(2)
            link.sendall(hello)
            return link.recv(64).startswith(reply)
    except OSError:
        return False
