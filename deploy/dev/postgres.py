"""The dev cluster's Postgres: Debian's version 15, TCP on loopback only, durable as in production."""

import hashlib
import os
import pwd
import signal
import stat
import subprocess
from pathlib import Path

from service import PROBE_SECONDS, Service, ServiceError

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
DATABASE = OWNER = "baton"
SYSTEM_USER = "postgres"  # Postgres refuses to run as root
# fsync and synchronous_commit keep their default, on: what is tested and measured here is what production does.
SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
"""


class Postgres(Service):
    """With BATON_STANDBY_OF=<port> new data is a copy of that server's on this host, and follows it."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends the sessions, then checkpoints
    # A test run leaves some 5,000 files to sync, beside others that use the disk: 18 s were seen.
    stop_seconds = 90
    discard_signal = signal.SIGQUIT  # "immediate": without the checkpoint, and so without those syncs

    def endpoint(self):
        return f"host=127.0.0.1 port={self.port} dbname={DATABASE} user={OWNER}"

    def home(self):
        """Where the data is. As root it must be a folder that the user postgres can reach."""
        inside = self.folder / self.name
        if not runs_as_root() or everyone_reaches(self.folder):
            return inside
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(f"/var/tmp/baton-{os.geteuid()}-{digest}")

    def data_folders(self):
        return [self.home()]

    def launch(self):
        data = self.home() / "data"
        if not (data / "PG_VERSION").exists():
            self._create(data)
        disown_lock(data / "postmaster.pid")
        (data / "baton.conf").write_text(SETTINGS.format(port=self.port))
        self.process.start([str(PROGRAMS / "postgres"), "-D", str(data)], cwd="/", **self._user())

    def relaunch(self):
        # After a kill -9 the old sessions may hold the shared memory for a moment.
        if "still in use" not in self.process.log_tail(8):
            return False
        self.launch()
        return True

    @staticmethod
    def _user():
        return {"user": SYSTEM_USER} if runs_as_root() else {}

    def _create(self, data):
        make_private(self.home())
        data.mkdir(mode=0o700, exist_ok=True)
        if runs_as_root():
            owner = pwd.getpwnam(SYSTEM_USER)
            os.chown(data, owner.pw_uid, owner.pw_gid)
        if primary := os.environ.get("BATON_STANDBY_OF"):
            self._run(["pg_basebackup", "-D", str(data), "-h", "127.0.0.1", "-p", primary, "-U", OWNER, "-R",
                       "--checkpoint=fast", "--no-sync"])
            return
        # No sync: a new empty database lost in a power cut is simply made again.
        self._run(["initdb", "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                   "--no-sync", "--no-instructions"])
        with open(data / "postgresql.conf", "a") as settings:
            settings.write("include = 'baton.conf'\n")

    def _run(self, command):
        identity = {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": []} if runs_as_root() else {}
        done = subprocess.run([PROGRAMS / command[0], *command[1:]], cwd="/", capture_output=True, text=True,
                              **identity)
        if done.returncode != 0:
            raise ServiceError(f"postgres: {command[0]} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def answers(self):
        probe = [PROGRAMS / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", OWNER,
                 "-d", "postgres", "-t", str(int(PROBE_SECONDS))]
        return subprocess.run(probe, cwd="/", capture_output=True).returncode == 0

    def after_start(self):
        session = ["psql", "-XAtq", "-h", "127.0.0.1", "-p", str(self.port), "-U", OWNER, "-d", "postgres"]
        if not self._run([*session, "-c", f"select 1 from pg_database where datname = '{DATABASE}'"]).strip():
            self._run([*session, "-c", f"create database {DATABASE}"])


def disown_lock(lock_file):
    """Frees the lock of a postmaster that is dead but not reaped (containers whose init reaps nobody): Postgres takes
    a zombie for alive. Ours is the one pid that it takes for stale and still checks for sessions left behind."""
    if not lock_file.exists():
        return
    _, _, rest = lock_file.read_text().partition("\n")
    with open(lock_file, "r+") as file:  # in place: the file keeps its owner
        file.write(f"{os.getpid()}\n{rest}")
        file.truncate()


def runs_as_root():
    return os.geteuid() == 0


def everyone_reaches(folder):
    """True when any user may walk down to the folder."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents))


def make_private(folder):
    """Makes the folder; one of that name under /var/tmp that somebody else prepared is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ServiceError(f"postgres: {folder} is not a folder of this user\n  remove it, or give another --folder")
    folder.chmod(0o711)
