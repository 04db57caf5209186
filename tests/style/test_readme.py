import unittest

from check_readme import check
from planted import PlantedTest

TABLE = "# Baton\n\n| folder | what |\n| --- | --- |\n| `engine/` | the core |\n| `deploy/` | units |\n"


class Readme(PlantedTest):
    def test_a_table_of_exactly_the_folders_passes(self):
        self.assertEqual([], self.found(check, {"README.md": TABLE, "engine/a.cc": "", "deploy/dev/a.py": "",
                                                "Makefile": "", ".ci/run": ""}))

    def test_a_folder_without_a_row_is_caught(self):
        self.assertEqual([("README.md", 6)], self.found(check, {"README.md": TABLE, "engine/a.cc": "",
                                                                "deploy/a": "", "worker/a.cc": ""}))

    def test_a_row_without_a_folder_is_caught(self):
        self.assertEqual([("README.md", 6)], self.found(check, {"README.md": TABLE, "engine/a.cc": ""}))

    def test_no_readme_is_caught(self):
        self.assertEqual([("README.md", 1)], self.found(check, {"engine/a.cc": ""}))


if __name__ == "__main__":
    unittest.main()
