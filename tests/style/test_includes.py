import unittest

from check_includes import check
from planted import PlantedTest

MODEL = {"common/model/ids.h": "#pragma once\n"}


class Directions(PlantedTest):
    def test_the_design_s_direction_passes(self):
        self.assertEqual([], self.found(check, {
            **MODEL, "engine/engine.cc": '#include "common/model/ids.h"\n#include <boost/json/value.hpp>\n#include <map>\n',
            "common/ports/board.h": '#include "common/model/ids.h"\n',
            "conductor/host.cc": '#include "common/model/ids.h"\n#include "common/ports/board.h"\n'}))

    def test_an_include_against_the_direction_is_caught(self):
        self.assertEqual([("common/model/ids.cc", 2)], self.found(check, {
            "engine/plan.h": "", "common/model/ids.cc": '// ids\n#include "engine/plan.h"\n'}))

    def test_an_adapter_is_named_only_where_things_are_wired(self):
        include = '#include "common/postgres/store.h"\n'
        files = {"common/postgres/store.h": "", "conductor/main.cc": include, "tests/store/store_test.cc": include,
                 "bench/run.cc": include}
        self.assertEqual([], self.found(check, files))
        self.assertEqual([("conductor/claim_loop.cc", 1)],
                         self.found(check, {**files, "conductor/claim_loop.cc": include}))

    def test_only_local_mode_may_name_memory_and_sqlite(self):
        include = '#include "common/memory/board.h"\n'
        files = {"common/memory/board.h": "", "client/local/local.cc": include}
        self.assertEqual([], self.found(check, files))
        self.assertEqual([("client/post.cc", 1)], self.found(check, {**files, "client/post.cc": include}))

    def test_an_include_that_is_no_file_is_caught(self):
        self.assertEqual([("engine/a.cc", 1)], self.found(check, {"engine/a.cc": '#include "engine/gone.h"\n'}))

    def test_a_file_outside_the_known_folders_is_caught(self):
        self.assertEqual([("common/utils/misc.h", 1)], self.found(check, {"common/utils/misc.h": ""}))

    def test_a_client_library_is_known_in_its_adapter_only(self):
        include = "#include <librdkafka/rdkafka.h>\n"
        self.assertEqual([("worker/inbox.cc", 1)],
                         self.found(check, {"common/kafka/bus.cc": include, "worker/inbox.cc": include}))


class Purity(PlantedTest):
    def planted(self, line):
        return self.found(check, {"engine/engine.cc": f"// now: std::chrono::system_clock::now()\n{line}\n"})

    def test_every_impurity_is_caught(self):
        for line in ("#include <random>", "#include <thread>", "#include <mutex>", "#include <boost/asio/post.hpp>",
                     "#include <unistd.h>", "auto t = std::chrono::steady_clock::now();", "int x = std::rand();",
                     "asio::post(strand);", "std::unordered_map<const Atom*, int> open;", "std::random_device d;"):
            with self.subTest(line):
                self.assertEqual([("engine/engine.cc", 2)], self.planted(line))

    def test_comments_and_literals_are_not_code(self):
        self.assertEqual([], self.planted('const char* text = "std::rand() asio::post";  // Clock::now()'))

    def test_the_host_may_do_what_the_engine_may_not(self):
        self.assertEqual([], self.found(check, {"worker/slots.cc": "#include <thread>\n#include <mutex>\n"}))


if __name__ == "__main__":
    unittest.main()
