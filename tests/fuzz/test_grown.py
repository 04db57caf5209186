import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import bytes as fuzz
import grown


class Grown(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "grown" / "postings.hex"

    def test_inputs_of_any_bytes_come_back_smallest_first_and_once(self):
        self.assertEqual(3, grown.write(self.path, [b"\n\0 \xff", b"a", b"bc", b"a", b""]))
        self.assertEqual([b"a", b"bc", b"\n\0 \xff"], grown.read(self.path))
        grown.lay_out(grown.read(self.path), self.path.parent / "laid")
        self.assertEqual([b"a", b"bc", b"\n\0 \xff"],
                         [file.read_bytes() for file in sorted((self.path.parent / "laid").iterdir())])

    def test_nothing_has_grown_yet(self):
        self.assertEqual([], grown.read(self.path))

    def test_what_has_no_room_is_left_out_the_largest_first(self):
        many = [number.to_bytes(2, "big") * (number + 1) for number in range(400)]
        kept = grown.write(self.path, many)
        self.assertLess(kept, len(many))
        self.assertEqual(many[:kept], grown.read(self.path))
        self.assertLessEqual(self.path.stat().st_size, grown.FILE_BYTES_MAX)


class Command(unittest.TestCase):
    def test_a_target_that_is_none_is_told_before_any_begins(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "fuzz_postings").touch()
            done = subprocess.run([sys.executable, "-B", fuzz.__file__, "--targets", folder, "--keep", f"{folder}/keep",
                                   "postings", "adverst"], capture_output=True, text=True)
            self.assertEqual((1, "no target: adverst; there are: postings\n"), (done.returncode, done.stderr))
            self.assertFalse((Path(folder) / "keep").exists())


class TheTree(unittest.TestCase):
    def test_no_corpus_swells(self):
        for path in (fuzz.HERE / "corpus").rglob("*"):
            if path.is_file():
                self.assertLessEqual(path.stat().st_size, fuzz.BYTES_MAX, path)
        for path in (fuzz.HERE / "grown").glob("*"):
            self.assertLessEqual(path.stat().st_size, grown.FILE_BYTES_MAX, path)
            self.assertTrue((fuzz.HERE / "bytes" / f"{path.stem}.cc").exists(), f"{path} is of no target")


if __name__ == "__main__":
    unittest.main()
