"""What long runs have grown, in the tree: grown/TARGET.hex, an input a line, smallest first, none that reaches only what
a smaller one or a corpus file reaches. The replay (bytes/replay.cc) reads these files, too."""
from pathlib import Path

FILE_BYTES_MAX = 64 * 1024  # of one target: what is kept of all runs, for ever


def read(path):
    return [bytes.fromhex(line) for line in path.read_text().split()] if path.exists() else []


def write(path, inputs):
    """As many as there is room for; says how many."""
    lines, room = [], FILE_BYTES_MAX
    for line in sorted({given.hex() + "\n" for given in inputs if given}, key=lambda line: (len(line), line)):
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines))
    return len(lines)


def lay_out(inputs, folder):
    """As libFuzzer wants them: a file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, given in enumerate(inputs):
        (folder / f"{number:05}").write_bytes(given)
