/// engine_walks [--walks N] [--seed S] [--trace] FILE.jsonl…
/// Walks each flow of the files (FORMAT.md's flow, store, options) N times at random and checks after every
/// step what must always hold. A line of its own before each flow, so that an assertion's flow is known; with
/// --trace one before each walk, and all that it does. Exit status 0 iff nothing was broken.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "common/model/json_view.h"
#include "tests/fuzz/walk.h"

namespace baton::fuzz {
namespace {

struct Totals {
  std::size_t flows = 0, refused = 0, walks = 0, steps = 0, cuts = 0, broken = 0;
};

struct Given {
  std::string id;
  engine::PlanPtr plan;  // null: refused
  engine::Options options;
};

Given read(const std::string& line) {
  const auto text = Value::parse(line, line.size());
  if (!text) throw std::runtime_error("not JSON: " + text.error().message);
  const JsonView json(*text);
  Given given;
  given.id = json.at("id").value().text();
  engine::Symbols store;
  if (const auto found = json.at("store"))
    for (const auto& [symbol, value] : found->members()) store.emplace(symbol, value.value());
  if (const auto options = json.at("options")) {
    if (const auto found = options->at("defer_reverts")) given.options.defer_reverts = found->boolean();
    if (const auto found = options->at("never_resolve")) given.options.never_resolve = found->boolean();
  }
  const auto flow = engine::read_flow(json.at("flow").value().value());
  if (!flow) return given;
  auto plan = engine::compile(*flow, store);
  if (!plan) return given;
  auto stored = engine::decode(engine::encode(**plan));  // engines run what a store gives back
  if (!stored) throw std::runtime_error("its plan cannot be read back: " + stored.error().message);
  given.plan = *std::move(stored);
  return given;
}

struct Settings {
  std::size_t walks = 20;
  std::uint64_t seed = 1;
  bool traced = false;
};

void walk(const std::string& line, const Settings& settings, Totals& totals) {
  const Given given = read(line);
  ++totals.flows;
  std::printf("walking %s\n", given.id.c_str());
  std::fflush(stdout);
  if (!given.plan) {
    ++totals.refused;
    return;
  }
  for (std::uint64_t each = settings.seed; each < settings.seed + settings.walks; ++each) {
    if (settings.traced) std::printf("seed %llu\n", static_cast<unsigned long long>(each));
    Walk walk(given.plan, given.options, each, settings.traced);
    try {
      walk.run();
    } catch (const std::logic_error& error) {
      ++totals.broken;
      std::printf("BROKEN %s seed %llu: %s\n", given.id.c_str(), static_cast<unsigned long long>(each),
                  error.what());
      return;
    }
    ++totals.walks;
    totals.steps += walk.steps();
    totals.cuts += walk.cuts();
  }
}

int run(int argc, char** argv) {
  Settings settings;
  Totals totals;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--trace") {
      settings.traced = true;
      continue;
    }
    if ((word == "--walks" || word == "--seed") && i + 1 < argc) {
      (word == "--walks" ? settings.walks : settings.seed) = std::stoull(argv[++i]);
      continue;
    }
    std::ifstream file(word);
    if (!file) throw std::runtime_error("cannot read " + word);
    for (std::string line; std::getline(file, line);)
      if (!line.empty()) walk(line, settings, totals);
  }
  std::printf("%zu flows (%zu refused), %zu walks of %zu steps, %zu commits cut, %zu broken\n", totals.flows,
              totals.refused, totals.walks, totals.steps, totals.cuts, totals.broken);
  return totals.broken == 0 && totals.flows > 0 ? 0 : 1;
}

}  // namespace
}  // namespace baton::fuzz

int main(int argc, char** argv) {
  try {
    return baton::fuzz::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "engine_walks: %s\n", error.what());
    return 2;
  }
}
