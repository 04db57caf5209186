#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include "common/runtime/log.h"
#include "tests/conformance/case_run.h"
#include "tests/conformance/verdict.h"

/// conformance_runner [--engine serial|threads|cluster-sim] [--seed N] FILE.jsonl…
/// Runs recorded cases of TaskFlow (conformance/FORMAT.md). Exit status 0 iff none failed.
namespace baton::conformance {
namespace {

constexpr const char* kUsage =
    "usage: conformance_runner [--engine serial|threads|cluster-sim] [--seed N] FILE.jsonl…\n"
    "  --engine serial       the engine alone; answers in an order that follows the seed (default)\n"
    "  --engine threads      the engine alone; a thread for each call that is out\n"
    "  --engine cluster-sim  conductor and workers on the memory adapters, in virtual time\n"
    "  --seed N              a whole number; default 1\n";

using MakeHost = std::unique_ptr<EngineHost> (*)(Stage&, std::uint64_t seed);
constexpr std::array<std::pair<std::string_view, MakeHost>, 3> kEngines{
    {{"serial", serial_host}, {"threads", threads_host}, {"cluster-sim", cluster_host}}};

struct Settings {
  MakeHost engine = serial_host;
  std::uint64_t seed = 1;
  std::vector<std::string> files;
};

MakeHost engine_named(const std::string& name) {
  for (const auto& [known, make] : kEngines)
    if (known == name) return make;
  throw std::runtime_error("unknown engine '" + name + "'; known: serial, threads, cluster-sim");
}

std::uint64_t seed_from(const std::string& text) {
  std::uint64_t seed = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size())
    throw std::runtime_error("--seed must be a whole number from 0 on, not '" + text + "'");
  return seed;
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
      settings.seed = seed_from(value());
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
};

void run_case(const std::string& line, const Settings& settings, Totals& totals) {
  const Case one = parse_case(line);
  if (const std::string reason = skipped_because(one); !reason.empty()) {
    ++totals.skipped;
    std::cout << "skipped " << one.id << ": " << reason << "\n";
    return;
  }
  Stage stage(one, totals.deeds);
  run_case(stage, *settings.engine(stage, settings.seed));
  const Observed& seen = stage.seen;
  const auto differs = differences(one, seen);
  if (differs.empty()) {
    ++totals.passed;
    return;
  }
  ++totals.failed;
  std::cout << "FAILED " << one.id << ": " << one.title << "\n";
  for (const std::string& difference : differs) std::cout << "    " << difference << "\n";
  if (seen.error) std::cout << "    message: " << seen.error->message << "\n";
  std::cout << "    calls:";
  for (const std::string& call : seen.calls.calls()) std::cout << " " << call;
  std::cout << "\n";
}

/// Before anything runs: whoever names a file that is not there wants to know now.
void check_readable(const std::string& path) {
  std::ifstream file(path);
  file.peek();  // a folder opens, but cannot be read
  if (file.good() || file.eof()) return;
  throw std::runtime_error("cannot read " + path + ": " + std::generic_category().message(errno));
}

void run_file(const std::string& path, const Settings& settings, Totals& totals) {
  std::ifstream file(path);
  std::string line;
  std::size_t number = 0;
  const auto failed = [&](const std::string& why) {
    ++totals.failed;
    std::cout << "FAILED " << path << ":" << number << ": " << why << "\n";
  };
  while (std::getline(file, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      run_case(line, settings, totals);
    } catch (const std::exception& error) {
      failed(error.what());
    }
  }
  if (!file.eof()) failed("cannot be read any further");
}

int run(int argc, char** argv) {
  Settings settings;
  try {
    settings = parse_settings(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "conformance_runner: " << error.what() << "\n" << kUsage;
    return 2;
  }
  try {
    for (const std::string& path : settings.files) check_readable(path);
  } catch (const std::exception& error) {
    std::cerr << "conformance_runner: " << error.what() << "\n";
    return 2;
  }
  runtime::start_logging(runtime::LogLevel::Error, runtime::LogFormat::Text);
  Totals totals;
  for (const std::string& path : settings.files) run_file(path, settings, totals);
  const Deeds& deeds = totals.deeds;
  std::cout << "done: " << deeds.executed << " tasks executed, " << deeds.reverted << " reverted, "
            << deeds.messages << " messages, " << deeds.commits << " commits of " << deeds.facts << " facts, "
            << deeds.crashes << " crashes, " << deeds.suspends << " suspensions, at most "
            << deeds.threads_max << " threads; seed " << settings.seed << "\n";
  std::cout << totals.passed << " passed, " << totals.failed << " failed, " << totals.skipped << " skipped\n";
  return totals.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace baton::conformance

int main(int argc, char** argv) {
  return baton::conformance::run(argc, argv);
}
