"""A value that passes every border of Baton's and that Postgres does not take all the same: one of a database that is not UTF-8."""

import subprocess
import unittest
import uuid

from harness import FleetTest, services


class Unstorable(FleetTest):
    workers = ("worker-1",)

    @classmethod
    def servers(cls):
        admin = services()["postgres"]
        database = f"latin_{uuid.uuid4().hex[:12]}"

        def ask(text):
            subprocess.run(["psql", "-XAtq", admin, "-c", text], check=True)

        ask(f"create database {database} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0")
        cls.addClassCleanup(ask, f"drop database {database} with (force)")
        return {**services(), "postgres": f"{admin} dbname={database}"}

    def test_h10_its_atom_fails_as_unstorable_and_all_others_commit(self):
        node = {"task": "command", "name": "odd", "requires": ["argv"],
                "inject": {"argv": ["sh", "-c", r"""printf '"\346\274\242"'"""]}}
        good = [self.create_cluster(f"good-{number}") for number in range(10)]
        status, odd = self.api.ask("POST", "/v1/jobs", {"flow": {"name": "odd", "pattern": "linear", "nodes": [node]}})
        self.assertEqual(201, status, odd)
        good += [self.create_cluster(f"good-{number}") for number in range(10, 20)]
        self.assertEqual("REVERTED", self.end_of(odd["uuid"])[1])
        failure = self.show(odd["uuid"])["atoms"][0]["failure"]
        self.assertEqual("Unstorable", failure["type"])
        self.assertRegex(failure["message"], r"^the outcome cannot be stored: Postgres does not take a value: character with "
                                             r"byte sequence 0xe6 0xbc 0xa2 .* \(SQLSTATE 22P05\)$")
        for number, job in enumerate(good):
            self.assertEqual("SUCCESS", self.end_of(job)[1])
            self.assert_cluster(f"good-{number}")


if __name__ == "__main__":
    unittest.main()
