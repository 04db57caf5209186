"""Who may include whom: the design's folder table, in one place.

A folder may include itself, the folders named here and what those may include. Files called main.cc wire the adapters
together and may include anything; so may tests and the bench.
"""

FOLDERS = {
    "proto": [],
    "common/model": [],
    "common/ports": ["common/model"],
    "common/process": ["common/model"],
    "common/memory": ["common/ports"],
    "common/wire": ["common/model", "proto"],
    "common/zookeeper": ["common/ports", "common/wire"],
    "common/kafka": ["common/ports", "common/wire"],
    "common/postgres": ["common/ports", "common/wire"],
    "common/sqlite": ["common/memory"],
    "common/runtime": ["common/ports"],
    "common/modules": ["common/ports", "sdk"],
    "common/failpoints": ["common/ports"],
    "engine": ["common/model"],
    "flowfile": ["engine"],
    # The bus carries bytes: conductor and worker encode and decode them, protobuf stays inside common/wire.
    "conductor": ["engine", "flowfile", "common/ports", "common/process", "common/runtime", "common/wire"],
    "conductor/modules": ["conductor", "common/modules"],
    "worker": ["common/modules", "common/ports", "common/process", "common/runtime", "common/wire"],
    # A flow in one process, without board, bus or conductor.
    "local": ["engine", "common/modules", "common/ports", "common/wire", "worker"],
    "sdk": [],
    "client": ["common/ports", "common/wire", "engine", "flowfile"],
    "client/local": ["client", "conductor", "conductor/modules", "local", "worker", "common/memory", "common/sqlite"],
    # What other programs see, which must stand alone, and what is behind it.
    "libbaton/baton": ["sdk"],
    "libbaton": ["libbaton/baton", "client/local"],
    # No daemon but a supervisor's tool: what it knows is one session file and the server that it names.
    "guardian": ["common/runtime", "common/zookeeper"],
    # An operator's tool: asks the servers themselves, and reads the daemons' settings as they do.
    "doctor": ["client", "common/kafka", "common/postgres", "common/runtime", "common/zookeeper", "conductor", "worker"],
    "examples": ["sdk"],
    "examples/cloud": ["common/runtime"],
    "examples/embedding": ["libbaton/baton"],
}
EVERYTHING = ("tests", "bench")
WIRING_FILE = "main.cc"

# Third-party headers and the only folders that know the library.
LIBRARIES = {
    "librdkafka/": ["common/kafka"],
    "zookeeper/": ["common/zookeeper"],
    "pqxx/": ["common/postgres"],
    "libpq-fe.h": ["common/postgres"],
    "libpq/": ["common/postgres"],
    "sqlite3.h": ["common/sqlite"],
    "google/protobuf/": ["common/wire"],
    "spdlog/": ["common/runtime"],
    "systemd/": ["common/runtime"],
    "yaml.h": ["flowfile"],
    "CLI/": ["common/runtime", "client", "guardian"],
    "dlfcn.h": ["common/modules"],
    "catch2/": [],
}

# Folders that hold no I/O, no clock, no chance and no thread: the same input gives the same output.
PURE = ("engine", "common/model")
PURE_THIRD_PARTY = ("boost/json/", "boost/json.hpp")
IMPURE_HEADERS = {"random", "thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "latch",
                  "barrier", "stop_token", "fstream", "iostream", "filesystem", "coroutine"}
IMPURE_CODE = {
    r"\b\w*clock\w*::now\s*\(": "asks a clock; time comes in with an event",
    r"\bstd::(?:rand|srand|time|clock|getenv|random_device|async|this_thread|thread|mutex)\b":
        "depends on more than its input; let the host bring it with an event",
    r"\b(?:asio|net)::": "does I/O; let the host do it on a command",
    r"\bunordered_(?:multi)?(?:map|set)<\s*(?:const\s+)?[\w:]+\s*(?:const\s*)?\*":
        "has an order that follows addresses; key it by an id",
}


def folder_of(path):
    """The folder of the table that a file belongs to: the longest that fits, or None."""
    fitting = [folder for folder in FOLDERS if path.startswith(folder + "/")]
    return max(fitting, key=len, default=None)


def allowed_for(folder):
    """The folder itself and all it may include, directly or through others."""
    found, waiting = set(), [folder]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(FOLDERS[one])
    return found
