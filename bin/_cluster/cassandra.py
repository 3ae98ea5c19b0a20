"""Apache Cassandra from its jars: one node, and a ring of three for the fault tests."""
import shutil

from .part import Part, greets, java_home, maven
from .process import Process

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>petit</groupId><artifactId>parts</artifactId><version>1</version><packaging>pom</packaging><dependencies><dependency>
<groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>{version}</version>
</dependency></dependencies></project>
"""

EXPORTS = ["java.base/jdk.internal.misc", "java.base/jdk.internal.ref", "java.management.rmi/com.sun.jmx.remote.internal.rmi",
           "java.rmi/sun.rmi.registry", "java.rmi/sun.rmi.server", "java.sql/java.sql", "jdk.unsupported/sun.misc",
           "jdk.compiler/com.sun.tools.javac.file", "jdk.attach/sun.tools.attach"]
OPENS = ["java.base/" + name for name in (
    "java.lang java.lang.module java.lang.reflect java.util java.io sun.nio.ch jdk.internal.loader jdk.internal.ref "
    "jdk.internal.reflect jdk.internal.math jdk.internal.module jdk.internal.util.jar").split()]
OPENS += ["jdk.management/com.sun.management.internal", "jdk.compiler/com.sun.tools.javac"]

LOGBACK = """<configuration><appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder>
<pattern>%-5level %date{ISO8601} %logger{0} - %msg%n</pattern></encoder></appender>
<root level="INFO"><appender-ref ref="OUT"/></root></configuration>
"""

YAML = """\
cluster_name: petit
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "{seeds}"}}]
listen_address: {host}
rpc_address: {host}
native_transport_port: {port}
storage_port: {storage}
ssl_storage_port: {ssl_storage}
num_tokens: 1
initial_token: "{token}"
auto_bootstrap: false
commitlog_sync: periodic
commitlog_sync_period: 10000ms
paxos_variant: v2
cas_contention_timeout: 1000ms
write_request_timeout: 2000ms
read_request_timeout: 2000ms
file_cache_size: 32MiB
networking_cache_size: 32MiB
memtable_heap_space: 96MiB
memtable_offheap_space: 64MiB
key_cache_size: 16MiB
disk_access_mode: standard
commitlog_segment_size: 8MiB
commitlog_total_space: 128MiB
concurrent_reads: 16
concurrent_writes: 16
concurrent_compactors: 1
native_transport_max_threads: 32
"""

TOKENS = [-9223372036854775808, -3074457345618258603, 3074457345618258602]


class Cassandra(Part):
    name, version = "cassandra", "5.0.9"
    hosts, usual_port, usual_storage, usual_jmx = ["127.0.0.1"], 9042, 7000, 7199

    def jars(self):
        return self.place.installed(f"cassandra-{self.version}")

    def install(self):
        if self.jars().exists():
            return
        partial = self.jars().with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        (partial / "pom.xml").write_text(POM.format(version=self.version))
        maven(self.place, "copy-dependencies", "-f", str(partial / "pom.xml"), "-DincludeScope=runtime",
              f"-DoutputDirectory={partial}")
        partial.rename(self.jars())

    @property
    def port(self):
        return self.place.port(self.usual_port)

    def node(self, number):
        return self.name if len(self.hosts) == 1 else f"{self.name}-{number + 1}"

    def prepare(self):
        for number, host in enumerate(self.hosts):
            folder = self.place.data(self.node(number))
            folder.mkdir(parents=True, exist_ok=True)
            storage = self.place.port(self.usual_storage)
            (folder / "cassandra.yaml").write_text(YAML.format(
                seeds=",".join(f"{seed}:{storage}" for seed in self.hosts[:1]), host=host, port=self.port,
                storage=storage, ssl_storage=storage + 1, token=TOKENS[number]))
            (folder / "logback.xml").write_text(LOGBACK)
            (folder / "jvm.options").write_text("\n".join(self.options(folder, number)))

    def options(self, folder, number):
        agent = next(self.jars().glob("jamm-*.jar"))
        return [
            f"-javaagent:{agent}",
            *(f"--add-exports={name}=ALL-UNNAMED" for name in EXPORTS),
            *(f"--add-opens={name}=ALL-UNNAMED" for name in OPENS),
            "-Djdk.attach.allowAttachSelf=true", "-Djava.net.preferIPv4Stack=true",
            "-Dio.netty.tryReflectionSetAccessible=true", "-Xss256k", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC",
            "-XX:MaxDirectMemorySize=192m", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=64m",
            f"-Dcassandra.config=file://{folder}/cassandra.yaml", f"-Dcassandra.storagedir={folder}",
            f"-Dcassandra.logdir={folder}", f"-Dlogback.configurationFile={folder}/logback.xml",
            f"-Dcassandra.jmx.local.port={self.jmx(number)}",
            "-Dcassandra-foreground=yes", "-Dcassandra.ring_delay_ms=1000",
            "-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.shutdown_announce_in_ms=0",
            "-cp", f"{self.jars()}/*",
        ]

    def processes(self):
        made = []
        for number, host in enumerate(self.hosts):
            folder = self.place.data(self.node(number))
            java = java_home(self.place) / "bin/java"
            argv = [java, f"@{folder}/jvm.options", "org.apache.cassandra.service.CassandraDaemon"]
            inner = [(host, self.place.port(self.usual_storage)), ("127.0.0.1", self.jmx(number))]
            made.append(Process(self.place, self.node(number), argv, [(host, self.port), *inner], cwd=folder))
        return made

    def jmx(self, number):
        return self.place.port(self.usual_jmx) + number

    def is_ready(self):
        """Every node answers the first question of its protocol (OPTIONS), which a frozen one does not."""
        return all(greets(host, self.port, b"\x04\0\0\0\x05\0\0\0\0", b"\x84") for host in self.hosts)

    def env(self):
        return {"CASSANDRA": f"127.0.0.1:{self.port}"}


class Ring(Cassandra):
    name = "ring"
    hosts, usual_port, usual_storage, usual_jmx = ["127.0.0.1", "127.0.0.2", "127.0.0.3"], 9052, 7010, 7519

    def env(self):
        return {"RING": ",".join(f"{host}:{self.port}" for host in self.hosts)}
