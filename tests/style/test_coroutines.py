import unittest

from check_coroutines import check
from planted import PlantedTest


class Coroutines(PlantedTest):
    def planted(self, body):
        return self.found(check, {"worker/a.cc": f"Async<void> f() {{\n{body}\n}}\n"})

    def test_an_aggregate_in_the_awaited_call_is_caught(self):
        for body in ("co_await send({.s = name});", "co_await send(Agg{name});", "auto x = co_await Agg{name};",
                     'co_await send({"a", "b"});', "use(Agg{1}, co_await g());", "use(co_await g(), Agg{1});",
                     "if (co_await send(Key{1})) {}", "co_await spawn([&] { return 1; });"):
            with self.subTest(body):
                self.assertEqual([("worker/a.cc", 2)], self.planted(body))

    def test_it_is_found_on_its_own_line(self):
        self.assertEqual([("worker/a.cc", 3)], self.planted("co_await send(\n    Key{1});"))

    def test_named_values_pass(self):
        for body in ("const Key key{1};\nco_await send(key);", "if (co_await ready()) {\n  go();\n}",
                     "while (!co_await ready()) { go(); }", "for (auto& x : co_await list()) {\n  use(x);\n}",
                     "do { go(); } while (co_await more());", "spawn(loop, [&]() -> Async<void> { co_await g(); });",
                     "switch (co_await next()) {\n  case 1: break;\n}", 'co_await send("{}");  // not {a}',
                     "for (int i = 0; i < 2; ++i) { co_await g(); }", "co_return co_await g();"):
            with self.subTest(body):
                self.assertEqual([], self.planted(body))


if __name__ == "__main__":
    unittest.main()
