"""What every part can do, and what parts share."""
import shutil
import subprocess
import urllib.request

from .place import Broken


class Part:
    """A server: where it comes from, its processes in the order they start, and when it answers."""

    name = version = ""
    patience = 90

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


def need(place, command, *packages):
    """A program of Debian's, installed if we may."""
    found = shutil.which(command)
    if found:
        return found
    how = [] if place.is_root else ["sudo", "-n"]
    if not shutil.which("apt-get"):
        raise Broken(f"{command} is missing; install {' '.join(packages)}")
    run([*how, "apt-get", "update", "-qq"], "apt-get update failed")
    run([*how, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", *packages],
        f"{command} is missing and could not be installed ({' '.join(packages)})")
    return shutil.which(command) or command


def maven(place, goal, *options):
    need(place, "java", "default-jre-headless")
    mvn = need(place, "mvn", "maven")
    run([mvn, "-q", "-B", f"org.apache.maven.plugins:maven-dependency-plugin:3.6.1:{goal}", *options],
        "Maven could not fetch it")


def pip(place, requirement, target):
    python = need(place, "python3", "python3", "python3-pip")
    run([python, "-m", "pip", "install", "-q", "--no-deps", "--disable-pip-version-check", "--root-user-action=ignore",
         "--target", target, requirement], "pip could not fetch it")


def answers(url, status=200):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == status
    except OSError:
        return False
