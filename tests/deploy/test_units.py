"""The systemd units keep what the README and their comments promise. (That systemd accepts them: make verify.)"""

import configparser
import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
PROGRAMS = Path(os.environ["BATON_BUILD"]) / "bin"
PROGRAM_OF = {"baton-conductor.service": "baton-conductor", "baton-worker.service": "baton-worker",
              "baton-worker@.service": "baton-worker"}
EXPOSURE_MAX = 2.0  # of 10, as systemd-analyze counts it; 2 is "OK"


def seconds(text):
    """"200ms", "10s", "infinity"."""
    number, unit = re.fullmatch(r"(\d*)(ms|s|infinity)", text).groups()
    return float("inf") if unit == "infinity" else int(number) / (1000 if unit == "ms" else 1)


def service_of(name):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNITS / name)
    return dict(unit["Service"])


def exit_code(name):
    text = (ROOT / "common" / "runtime" / "exit_codes.h").read_text()
    return re.search(rf"\b{name} = (\d+)", text)[1]


def defaults(program):
    """The settings of a daemon that was given none."""
    printed = subprocess.run([PROGRAMS / program, "--print-config", "--settings", "/dev/null"], check=True,
                             capture_output=True, text=True).stdout
    return dict(line.split("  #")[0].split(" = ", 1) for line in printed.splitlines())


def for_each_unit(test):
    def run(self):
        for unit, program in PROGRAM_OF.items():
            with self.subTest(unit=unit):
                test(self, service_of(unit), program, unit)
    run.__name__ = test.__name__
    return run


class Units(unittest.TestCase):
    @for_each_unit
    def test_each_daemon_is_started_with_its_settings_and_says_when_it_serves(self, service, program, _):
        kind = program.removeprefix("baton-")
        self.assertEqual(f"/usr/bin/{program} --settings ${{CREDENTIALS_DIRECTORY}}/{kind}.toml",
                         service["ExecStart"])
        self.assertTrue(service["LoadCredential"].startswith(f"{kind}.toml:/etc/baton/{kind}"))
        self.assertEqual(("notify", "main"), (service["Type"], service["NotifyAccess"]))

    @for_each_unit
    def test_a_daemon_that_hangs_or_dies_is_started_again_one_that_is_set_up_wrongly_is_not(self, service, *_):
        self.assertLessEqual(seconds(service["WatchdogSec"]), 30)
        self.assertEqual("always", service["Restart"])
        self.assertLess(seconds(service["RestartSec"]), 1)
        self.assertEqual(exit_code("Usage"), service["RestartPreventExitStatus"])
        self.assertEqual(exit_code("Stopped"), service["SuccessExitStatus"])

    @for_each_unit
    def test_a_guardian_ends_the_session_of_one_that_has_died(self, service, *_):
        self.assertEqual("-/usr/bin/baton-guardian", service["ExecStopPost"])
        self.assertTrue((PROGRAMS / "baton-guardian").exists())
        self.assertTrue(service["RuntimeDirectory"])  # systemd's $RUNTIME_DIRECTORY, which both are told
        self.assertEqual("0700", service["RuntimeDirectoryMode"])

    @for_each_unit
    def test_a_stop_leaves_time_to_drain(self, service, program, _):
        drain = int(defaults(program)[f"{program.removeprefix('baton-')}.drain_ms"]) / 1000
        self.assertGreater(seconds(service["TimeoutStopSec"]), drain)
        self.assertEqual("mixed", service["KillMode"])  # a worker ends its tasks itself

    @for_each_unit
    def test_nothing_is_reloaded_settings_are_read_at_start(self, service, *_):
        self.assertNotIn("ExecReload", service)

    @for_each_unit
    def test_the_sandbox_stays_closed(self, _, __, unit):
        report = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNITS / unit)],
                                capture_output=True, text=True)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", report.stdout)
        self.assertTrue(found, report.stderr)
        self.assertLessEqual(float(found[1]), EXPOSURE_MAX, report.stdout)

    def test_the_template_differs_from_the_one_worker_by_its_name_only(self):
        plain, template = service_of("baton-worker.service"), service_of("baton-worker@.service")
        self.assertEqual(plain, {key: value.replace("-%i", "") for key, value in template.items()})


if __name__ == "__main__":
    unittest.main()
