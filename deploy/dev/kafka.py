"""The dev cluster's Kafka: jars fetched by setup, one broker that is its own controller (KRaft), on loopback."""

import os
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from service import Service, ServiceError, connect, java, receive_exactly

SETUP = Path(__file__).resolve().parent.parent / "setup" / "kafka.sh"
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
num.partitions=1
# A broker that was killed is let in again only after its session: as short as its start takes anyway.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
# Arguments up to 4 MiB and a revert's failures travel in one message.
message.max.bytes=16777216
replica.fetch.max.bytes=16777216
# Internal topics: one broker, so one copy; few partitions, so a quick start.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""


class Kafka(Service):
    name = "kafka"

    def ports_used(self):
        return [self.port, self.port + 1]

    def launch(self):
        home = self.folder / self.name
        home.mkdir(parents=True, exist_ok=True)
        settings = home / "server.properties"
        settings.write_text(SETTINGS.format(port=self.port, controller=self.port + 1, data=home / "data"))
        command = [*java(self.jvm, "256m" if self.jvm == "quick" else "1g"), "-cp", f"{self._jars()}/*",
                   "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                   "-Dorg.slf4j.simpleLogger.showDateTime=true",
                   "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS"]
        if not (home / "data" / "meta.properties").exists():
            self._format(command, settings)
        self.process.start([*command, "kafka.Kafka", str(settings)], cwd=home)

    @staticmethod
    def _jars():
        libs = subprocess.run([SETUP, "path"], check=True, capture_output=True, text=True).stdout.strip()
        if not os.path.isdir(libs):
            raise ServiceError(f"kafka: its jars are not at {libs}\n  run 'make setup'")
        return libs

    def _format(self, command, settings):
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        done = subprocess.run([*command, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(settings)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise ServiceError(f"kafka: could not format its data folder:\n{done.stdout}{done.stderr}")

    def answers(self):
        """True when the broker is known to its controller: only then can topics be made and used."""
        try:
            with connect(self.port) as line:
                return brokers_known(line) > 0
        except (OSError, struct.error):
            return False


def brokers_known(line):
    """Asks for no topic's metadata (request 3, version 1) and counts the brokers in the answer."""
    client = b"baton-dev"
    body = struct.pack(">hhih", 3, 1, 1, len(client)) + client + struct.pack(">i", 0)
    line.sendall(struct.pack(">i", len(body)) + body)
    answer = receive_exactly(line, struct.unpack(">i", receive_exactly(line, 4))[0])
    return struct.unpack_from(">i", answer, 4)[0]  # behind the correlation id
