#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <system_error>

#include "common/model/assert.h"
#include "common/runtime/log.h"
#include "local/task_slot.h"
#include "tests/conformance/case_run.h"
#include "tests/conformance/cases_apart.h"
#include "tests/conformance/process_workers.h"
#include "tests/conformance/verdict.h"

/// conformance_runner [--engine serial|threads|processes|cluster-sim] [--seed N] FILE.jsonl…
/// Runs recorded cases of TaskFlow (conformance/FORMAT.md), in processes of their own. Exit status 0 iff none
/// failed; 2 where nothing could be run.
namespace baton::conformance {
namespace {

constexpr const char* kUsage =
    "usage: conformance_runner [--engine serial|threads|processes|cluster-sim] [--seed N] FILE.jsonl…\n"
    "  --engine serial       the engine alone; answers in an order that follows the seed (default)\n"
    "  --engine threads      the engine alone; a thread for each call that is out\n"
    "  --engine processes    the engine alone; calls in processes of their own, which are told in the end\n"
    "  --engine cluster-sim  conductor and workers on the memory adapters, in virtual time\n"
    "  --seed N              a whole number; default 1\n"
    "  --case-seconds N      a case that takes longer has failed; default 120\n";

constexpr std::uint64_t kSeedMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kCaseSecondsMax = 86'400;

using MakeHost = std::unique_ptr<EngineHost> (*)(Stage&, std::uint64_t seed);
constexpr std::array<std::pair<std::string_view, MakeHost>, 4> kEngines{{{"serial", serial_host},
                                                                         {"threads", threads_host},
                                                                         {"processes", processes_host},
                                                                         {"cluster-sim", cluster_host}}};

struct Settings {
  MakeHost engine = serial_host;
  std::uint64_t seed = 1;
  std::chrono::seconds case_max{120};
  std::vector<std::string> files;
};

MakeHost engine_named(const std::string& name) {
  for (const auto& [known, make] : kEngines)
    if (known == name) return make;
  throw std::runtime_error("unknown engine '" + name + "'; known: serial, threads, processes, cluster-sim");
}

std::uint64_t number_from(const std::string& option, const std::string& text, std::uint64_t min,
                          std::uint64_t max) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size() && number >= min && number <= max)
    return number;
  const std::string to = max == kSeedMax ? " on" : " to " + std::to_string(max);
  throw std::runtime_error(option + " must be a whole number from " + std::to_string(min) + to + ", not '" +
                           text + "'");
}

Settings parse_settings(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] {
      if (++i == argc) throw std::runtime_error(word + " needs a value");
      return std::string(argv[i]);
    };
    if (word == "--engine") {
      settings.engine = engine_named(value());
    } else if (word == "--seed") {
      settings.seed = number_from(word, value(), 0, kSeedMax);
    } else if (word == "--case-seconds") {
      settings.case_max = std::chrono::seconds(number_from(word, value(), 1, kCaseSecondsMax));
    } else if (word.starts_with("--")) {
      throw std::runtime_error("unknown option " + word);
    } else {
      settings.files.push_back(word);
    }
  }
  if (settings.files.empty()) throw std::runtime_error("no case file given");
  return settings;
}

struct Totals {
  std::size_t passed = 0, failed = 0, skipped = 0;
  Deeds deeds;

  void add(const CaseEnd& end) {
    switch (end.kind) {
      case CaseEnd::Kind::Passed:
        ++passed;
        break;
      case CaseEnd::Kind::Failed:
        ++failed;
        break;
      case CaseEnd::Kind::Skipped:
        ++skipped;
        break;
    }
    deeds.add(end.deeds);
  }
};

/// For the runner's own tests: `crash:ID` or `hang:ID` in BATON_PLANT happens inside that case.
void plant_trouble(const Case& one) {
  const char* planted = std::getenv("BATON_PLANT");
  if (!planted) return;
  BATON_ASSERT(planted != "crash:" + one.id);
  while (planted == "hang:" + one.id) pause();
}

std::string shown(const Case& one, const Observed& seen, const std::vector<std::string>& differs) {
  std::string text = "FAILED " + one.id + ": " + one.title + "\n";
  for (const std::string& difference : differs) text += "    " + difference + "\n";
  if (seen.error) text += "    message: " + seen.error->message + "\n";
  text += "    calls:";
  for (const std::string& call : seen.calls.calls()) text += " " + call;
  return text + "\n";
}

CaseEnd judge(const Case& one, const Settings& settings) {
  CaseEnd end;
  if (const std::string reason = skipped_because(one); !reason.empty()) {
    end.kind = CaseEnd::Kind::Skipped;
    end.told = "skipped " + one.id + ": " + reason + "\n";
    return end;
  }
  plant_trouble(one);
  const auto silent = [](const auto& script) { return script.second.silent_first > 0; };
  if (settings.engine == cluster_host && std::any_of(one.script.begin(), one.script.end(), silent))
    throw std::runtime_error("'silent_first' is not for the engine cluster-sim");
  Stage stage(one, end.deeds);
  run_case(stage, *settings.engine(stage, settings.seed));
  if (const auto differs = differences(one, stage.seen); !differs.empty())
    end.told = shown(one, stage.seen, differs);
  else
    end.kind = CaseEnd::Kind::Passed;
  return end;
}

CaseEnd judge(const CaseLine& line, const Settings& settings, const SayName& say_name) {
  try {
    const Case one = parse_case(line.text);
    say_name(one.id + ": " + one.title);
    return judge(one, settings);
  } catch (const std::exception& error) {
    CaseEnd end;
    end.told = "FAILED " + line.place + ": " + error.what() + "\n";
    return end;
  }
}

/// Before anything runs: whoever names a file that is not there wants to know now.
void check_readable(const std::string& path) {
  std::ifstream file(path);
  file.peek();  // a folder opens, but cannot be read
  if (file.good() || file.eof()) return;
  throw std::runtime_error("cannot read " + path + ": " + std::generic_category().message(errno));
}

std::vector<CaseLine> read_cases(const std::vector<std::string>& paths, Totals& totals) {
  std::vector<CaseLine> cases;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      cases.push_back({path + ":" + std::to_string(number), std::move(line)});
    }
    if (file.eof()) continue;
    ++totals.failed;
    std::cout << "FAILED " << path << ":" << number << ": cannot be read any further\n";
  }
  return cases;
}

std::string processes_of(const Deeds& deeds) {
  std::string text = std::to_string(deeds.processes) + " processes ran tasks, ours is " +
                     std::to_string(::getpid()) + "; pids";
  for (std::size_t i = 0; i < deeds.processes; ++i) text += " " + std::to_string(deeds.pids[i]);
  return text + "\n";
}

int run(int argc, char** argv) {
  Settings settings;
  try {
    settings = parse_settings(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "conformance_runner: " << error.what() << "\n" << kUsage;
    return 2;
  }
  for (const std::string& path : settings.files) check_readable(path);
  runtime::start_logging(runtime::LogLevel::Error, runtime::LogFormat::Text);
  Totals totals;
  const auto cases = read_cases(settings.files, totals);
  judge_apart(
      cases, settings.case_max,
      [&](const CaseLine& line, const SayName& say_name) { return judge(line, settings, say_name); },
      [&](const CaseEnd& end) {
        totals.add(end);
        std::cout << end.told;
      });
  const Deeds& deeds = totals.deeds;
  std::cout << "done: " << deeds.executed << " tasks executed, " << deeds.reverted << " reverted, "
            << deeds.messages << " messages, " << deeds.commits << " commits of " << deeds.facts << " facts, "
            << deeds.crashes << " crashes, " << deeds.suspends << " suspensions, at most "
            << deeds.threads_max << " threads; seed " << settings.seed << "\n";
  if (deeds.processes > 0) std::cout << processes_of(deeds);
  std::cout << totals.passed << " passed, " << totals.failed << " failed, " << totals.skipped << " skipped\n";
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace baton::conformance

int main(int argc, char** argv) {
  if (argc == 3 && argv[1] == std::string_view(baton::local::kSlotWord))
    baton::conformance::serve_as_slot(std::atoi(argv[2]));
  try {
    return baton::conformance::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "conformance_runner: " << error.what() << "\n";
    return 2;
  }
}
