import unittest

from check_units import check
from planted import PlantedTest

UNIT = """\
[Unit]
Description=A daemon
[Service]
Type=notify
ExecStart=/usr/bin/baton-not-installed --settings /etc/baton/x.toml
ExecStopPost=-/usr/bin/baton-not-installed --after
{extra}
[Install]
WantedBy=multi-user.target
"""


class Units(PlantedTest):
    def planted(self, extra):
        return self.found(check, {"deploy/systemd/baton.service": UNIT.format(extra=extra)})

    def test_a_unit_whose_program_is_not_installed_here_passes(self):
        self.assertEqual([], self.planted("WatchdogSec=10"))

    def test_an_unknown_setting_is_caught_with_its_line(self):
        self.assertEqual([("deploy/systemd/baton.service", 7)], self.planted("WatchdogSeconds=10"))

    def test_a_value_that_does_not_parse_is_caught(self):
        self.assertEqual([("deploy/systemd/baton.service", 7)], self.planted("Restart=sometimes"))

    def test_a_tree_without_units_passes(self):
        self.assertEqual([], self.found(check, {"deploy/dev/a.py": ""}))


if __name__ == "__main__":
    unittest.main()
