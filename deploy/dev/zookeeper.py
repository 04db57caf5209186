"""The dev cluster's ZooKeeper: Debian's jars, one server, on loopback."""

from service import Service, connect, java

JARS = "/usr/share/java"
# Short ticks let a session be as short as a second, so that a lost conductor is noticed fast.
SETTINGS = """\
tickTime=100
minSessionTimeout=1000
maxSessionTimeout=40000
dataDir={data}
clientPort={port}
clientPortAddress=127.0.0.1
admin.enableServer=false
maxClientCnxns=0
4lw.commands.whitelist=srvr,envi,mntr,ruok
"""
LOG_SETTINGS = """\
log4j.rootLogger=WARN, OUT
log4j.appender.OUT=org.apache.log4j.ConsoleAppender
log4j.appender.OUT.layout=org.apache.log4j.PatternLayout
log4j.appender.OUT.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
"""


class ZooKeeper(Service):
    name = "zookeeper"

    def launch(self):
        home = self.folder / self.name
        (home / "data").mkdir(parents=True, exist_ok=True)
        (home / "zoo.cfg").write_text(SETTINGS.format(data=home / "data", port=self.port))
        (home / "log4j.properties").write_text(LOG_SETTINGS)
        classes = [str(home), *(f"{JARS}/{jar}.jar" for jar in ("zookeeper", "slf4j-log4j12", "log4j-1.2"))]
        self.process.start([*java(self.jvm, "256m"), "-cp", ":".join(classes),
                            "-Dzookeeper.preAllocSize=4096",  # KiB; the default of 64 MiB only costs disk here
                            "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(home / "zoo.cfg")], cwd=home)

    def answers(self):
        # srvr and not ruok: the latter is answered before requests are served.
        try:
            with connect(self.port) as line:
                line.sendall(b"srvr")
                text = b"".join(iter(lambda: line.recv(4096), b""))
        except OSError:
            return False
        return b"Mode: standalone" in text
