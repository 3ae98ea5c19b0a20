"""Where the parts live: one folder, ports that can be shifted, passwords made once."""
import os
import pathlib
import secrets

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Broken(Exception):
    """A part cannot be had or started; the text says why and what helps."""


class Place:
    def __init__(self):
        self.folder = pathlib.Path(os.environ.get("PETIT_CLUSTER_DIR", ROOT / ".cache/cluster")).resolve()
        # Only we look in; what another user must reach (PostgreSQL, for root) is kept elsewhere.
        os.umask(0o077)
        for name in ("installed", "data", "run", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.offset = self.remembered_offset()

    def remembered_offset(self):
        """PETIT_CLUSTER_OFFSET need be said once: `down` and `status` look where `up` put things."""
        note, said = self.folder / "run/offset", os.environ.get("PETIT_CLUSTER_OFFSET")
        kept = int(note.read_text()) if note.exists() else 0
        if said is None or said == str(kept):
            return kept
        if not said.lstrip("+").isdigit() or not int(said) < 40000:
            raise SystemExit(f"error: PETIT_CLUSTER_OFFSET is a number below 40000, not {said!r}")
        if list((self.folder / "run").glob("*.pid")):
            raise SystemExit(f"error: parts run here with an offset of {kept}; bin/cluster down first")
        note.write_text(str(int(said)))
        return int(said)

    @property
    def is_root(self):
        return os.geteuid() == 0

    @property
    def env_file(self):
        return self.folder / "env"

    def port(self, usual):
        return usual + self.offset

    def installed(self, name):
        return self.folder / "installed" / name

    def data(self, name):
        return self.folder / "data" / name

    def log(self, name):
        return self.folder / "log" / f"{name}.log"

    def password(self, name):
        """Made at the first call, the same ever after."""
        path = self.folder / "run" / f"{name}.secret"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text()

    def write_env(self, lines):
        write_private(self.env_file, "".join(f"{key}={value}\n" for key, value in lines.items()))


def write_private(path, text):
    partial = path.with_suffix(path.suffix + ".partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(partial, path)
