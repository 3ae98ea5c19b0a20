"""Keycloak, with a PostgreSQL of its own."""
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import zipfile

from .part import Part, answers, java_home, maven, need, run
from .place import ROOT, Broken
from .process import Process

SMALL_JVM = ("-Xms48m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxMetaspaceSize=256m "
             "-XX:ReservedCodeCacheSize=64m")


class Postgres(Part):
    name, version = "postgres", "15"

    def bin(self, command):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{command}"))
        if not found:
            raise Broken("PostgreSQL is missing; install postgresql")
        return found[-1]

    def install(self):
        if not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")):
            self.spare_the_system()
            need(self.place, "PostgreSQL", "postgresql")
        self.bin("postgres")

    def spare_the_system(self):
        """Debian's package would make and start a server of its own, unless it is told not to."""
        told = pathlib.Path("/etc/postgresql-common/createcluster.conf")
        if self.place.is_root and not told.exists():
            told.parent.mkdir(exist_ok=True)
            told.write_text("create_main_cluster = false\n")

    def as_owner(self, *argv):
        """PostgreSQL refuses root."""
        if not self.place.is_root:
            return list(argv)
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *argv]

    @property
    def folder(self):
        """Its user must be able to reach it, which is not sure of where root keeps a checkout. What an earlier
        checkout in the same place left behind has another password, so it is not ours."""
        if not self.place.is_root:
            return self.place.data("postgres")
        whose = f"{self.place.folder} {self.place.password('postgres')}"
        mark = hashlib.sha256(whose.encode()).hexdigest()[:12]
        return pathlib.Path("/var/lib/postgresql") / f"petit-{mark}"

    def prepare(self):
        if (self.folder / "PG_VERSION").exists():
            if not self.processes()[0].pid:
                self.sweep_up()
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        words = self.folder.with_suffix(".password")
        words.touch(mode=0o600)
        words.write_text(self.place.password("postgres"))
        if self.place.is_root:
            shutil.chown(self.folder, "postgres", "postgres")
            shutil.chown(words, "postgres", "postgres")
        run(self.as_owner(str(self.bin("initdb")), "-D", str(self.folder), "-U", "keycloak", "-A", "scram-sha-256",
                          f"--pwfile={words}", "--no-sync"), "PostgreSQL could not make its folder", cwd="/")
        words.unlink()

    def sweep_up(self):
        """After a kill PostgreSQL takes any process of the old number for a living one, even a zombie."""
        self.processes()[0].sweep()
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def wipe(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self):
        port = self.place.port(5480)
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=32MB", "-c", "max_connections=40",
                   "-c", "unix_socket_directories="]
        argv = self.as_owner(str(self.bin("postgres")), "-D", str(self.folder), "-p", str(port), *options)
        # Its TERM waits for all clients, its INT does not.
        return [Process(self.place, "postgres", argv, [("127.0.0.1", port)], cwd="/", farewell=signal.SIGINT)]

    def is_ready(self):
        """While it recovers it listens and refuses; only its own tool knows."""
        asked = [self.bin("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.place.port(5480)), "-t", "2"]
        return subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0

    def settle(self):
        psql = [str(self.bin("psql")), "-h", "127.0.0.1", "-p", str(self.place.port(5480)), "-U", "keycloak", "-d", "postgres", "-Atc"]
        env = {**os.environ, "PGPASSWORD": self.place.password("postgres")}
        if not run([*psql, "SELECT 1 FROM pg_database WHERE datname = 'keycloak'"], "PostgreSQL does not answer", env=env).strip():
            run([*psql, "CREATE DATABASE keycloak"], "the database could not be made", env=env)


class Keycloak(Part):
    name, version, patience = "keycloak", "26.7.3", 180
    needs = ("postgres",)

    @property
    def home(self):
        return self.place.installed(f"keycloak-{self.version}")

    @property
    def address(self):
        return f"http://127.0.0.1:{self.place.port(8480)}"

    def install(self):
        if self.home.exists():
            return
        partial = self.home.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        maven(self.place, "copy", f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{self.version}:zip",
              f"-DoutputDirectory={partial}")
        archive = next(partial.glob("*.zip"))
        zipfile.ZipFile(archive).extractall(partial)
        archive.unlink()
        unpacked = next(partial.glob("keycloak-*"))
        for script in unpacked.glob("bin/*.sh"):
            script.chmod(0o755)
        run([unpacked / "bin/kc.sh", "build", "--db=postgres", "--health-enabled=true"], "Keycloak could not be built",
            env={**os.environ, "JAVA_OPTS": SMALL_JVM, "JAVA_HOME": str(java_home(self.place))})
        unpacked.rename(self.home)
        shutil.rmtree(partial, ignore_errors=True)

    def prepare(self):
        folder = self.home / "data/import"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "deploy/keycloak/petit-realm.json", folder)

    def processes(self):
        port, health = self.place.port(8480), self.place.port(9480)
        argv = [self.home / "bin/kc.sh", "start", "--optimized", "--import-realm", "--http-enabled=true",
                "--http-host=127.0.0.1", f"--http-port={port}", "--http-management-host=127.0.0.1",
                f"--http-management-port={health}", f"--hostname={self.address}",
                f"--db-url=jdbc:postgresql://127.0.0.1:{self.place.port(5480)}/keycloak", "--db-username=keycloak",
                "--cache=local"]
        env = {"KC_DB_PASSWORD": self.place.password("postgres"), "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
               "KC_BOOTSTRAP_ADMIN_PASSWORD": self.place.password("keycloak-admin"), "JAVA_OPTS": SMALL_JVM,
               "JAVA_HOME": str(java_home(self.place)),
               # Keycloak puts these into the realm file as it imports it.
               **{name: self.place.password(name) for name in ("OIDC_SECRET", "PERSON_ADA_PASSWORD", "PERSON_BEN_PASSWORD")}}
        return [Process(self.place, "keycloak", argv, [("127.0.0.1", port), ("127.0.0.1", health)], env=env, wrapped=True)]

    def is_ready(self):
        return answers(f"{self.address}/realms/petit/.well-known/openid-configuration")

    def env(self):
        password = self.place.password
        return {
            "KEYCLOAK": self.address, "ISSUER": f"{self.address}/realms/petit", "KEYCLOAK_ADMIN": "admin",
            "KEYCLOAK_ADMIN_PASSWORD": password("keycloak-admin"), "OIDC_CLIENT": "petit",
            "OIDC_SECRET": password("OIDC_SECRET"), "PERSON_ADA": "ada",
            "PERSON_ADA_PASSWORD": password("PERSON_ADA_PASSWORD"), "PERSON_BEN": "ben",
            "PERSON_BEN_PASSWORD": password("PERSON_BEN_PASSWORD"),
        }
