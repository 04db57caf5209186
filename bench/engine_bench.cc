/// What the engine costs by itself: compiling a flow, walking it (every atom placed, answered with success,
/// one step an answer) and taking it back (the last atom fails), on flows from 100 to 1,000,000 atoms.
///
///   engine_bench [largest number of atoms]
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <string>

#include "engine/engine.h"

namespace {

using namespace baton;
using Clock = std::chrono::steady_clock;

engine::TaskSpec task(std::size_t number) {
  engine::TaskSpec spec;
  spec.type = "step";
  spec.name = "t" + std::to_string(number);
  return spec;
}

engine::FlowSpec list_of(engine::Pattern pattern, const std::string& name, std::size_t first,
                         std::size_t count) {
  engine::FlowSpec flow;
  flow.name = name;
  flow.pattern = pattern;
  for (std::size_t i = 0; i < count; ++i) flow.nodes.emplace_back(task(first + i));
  return flow;
}

/// A linear flow of unordered ones, as many layers as each is wide.
engine::FlowSpec layers_of(std::size_t atoms) {
  std::size_t width = 1;
  while (width * width < atoms) ++width;
  engine::FlowSpec flow = list_of(engine::Pattern::Linear, "layers", 0, 0);
  for (std::size_t first = 0; first < atoms; first += width)
    flow.nodes.emplace_back(std::make_shared<const engine::FlowSpec>(list_of(
        engine::Pattern::Unordered, "layer" + std::to_string(first), first, std::min(width, atoms - first))));
  return flow;
}

/// Each task takes what the one before it provides: the links are inferred.
engine::FlowSpec symbols_of(std::size_t atoms) {
  engine::FlowSpec flow = list_of(engine::Pattern::Graph, "symbols", 0, atoms);
  for (std::size_t i = 0; i < atoms; ++i) {
    auto& spec = std::get<engine::TaskSpec>(flow.nodes[i]);
    spec.provides = {engine::Provides::Kind::Whole, {"s" + std::to_string(i)}};
    if (i > 0) spec.requirements = {"s" + std::to_string(i - 1)};
  }
  return flow;
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// Plays host and workers: one answer a step.
class Walk {
 public:
  Walk(engine::PlanPtr plan, bool last_fails) : plan_(std::move(plan)), last_fails_(last_fails) {
    auto made = engine::Engine::make(plan_, {}, FlowState::Pending, {}, 0);
    if (!made) std::abort();
    engine_ = std::move(made).value();
  }

  FlowState run() {
    step({engine::Started{}});
    while (!open_.empty()) {
      const AtomIndex atom = open_.front();
      open_.pop_front();
      const AtomRecord& record = engine_->atom(atom);
      const bool executes = record.state == AtomState::Running;
      engine::AtomFinished finished{atom, executes ? Intention::Execute : Intention::Revert, record.attempt,
                                    record.dispatch, Value()};
      if (last_fails_ && executes && atom + 1 == plan_->size()) finished.outcome = Failure{"Boom", "", {}};
      step({finished});
    }
    return engine_->state();
  }

 private:
  void step(std::initializer_list<engine::Event> events) {
    out_.facts.clear();
    out_.commands.clear();
    engine_->step(TimePoint{}, {events.begin(), events.size()}, out_);
    for (std::size_t next = 0; next < out_.commands.size(); ++next) {
      if (const auto* send = std::get_if<engine::Send>(&out_.commands[next])) open_.push_back(send->atom);
      const auto* place = std::get_if<engine::Place>(&out_.commands[next]);
      if (!place) continue;
      placed_.clear();
      for (const AtomIndex atom : place->atoms) placed_.emplace_back(engine::Placed{atom, {}, "worker-1"});
      engine_->step(TimePoint{}, placed_, out_);
    }
  }

  engine::PlanPtr plan_;
  bool last_fails_;
  std::unique_ptr<engine::Engine> engine_;
  engine::StepOutput out_;
  std::vector<engine::Event> placed_;
  std::deque<AtomIndex> open_;
};

void measure(const char* shape, const engine::FlowSpec& flow, std::size_t atoms) {
  const double count = static_cast<double>(atoms);
  const std::size_t before = resident_bytes();
  auto begin = Clock::now();
  auto plan = engine::compile(flow, {});
  const double compiled = seconds_since(begin);
  if (!plan) {
    std::fprintf(stderr, "engine_bench: %s\n", plan.error().message.c_str());
    std::exit(1);
  }
  begin = Clock::now();
  auto forward = std::make_unique<Walk>(*plan, false);
  if (forward->run() != FlowState::Success) std::abort();
  const double walked = seconds_since(begin);
  const std::size_t after = resident_bytes();
  forward.reset();
  begin = Clock::now();
  if (Walk(*plan, true).run() != FlowState::Reverted) std::abort();
  const double reverted = seconds_since(begin);
  begin = Clock::now();
  const std::string bytes = engine::encode(**plan);
  if (!engine::decode(bytes)) std::abort();
  const double coded = seconds_since(begin);
  std::printf(
      "%-8s %9zu atoms  compile %8.1f ms  run %6.2f us/atom  run and revert %6.2f us/atom  encode and "
      "decode %8.1f ms  %6.0f bytes/atom\n",
      shape, atoms, compiled * 1e3, walked * 1e6 / count, reverted * 1e6 / count, coded * 1e3,
      static_cast<double>(after > before ? after - before : 0) / count);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t largest = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  for (std::size_t atoms = 100; atoms <= largest; atoms *= 10) {
    measure("wide", list_of(engine::Pattern::Unordered, "wide", 0, atoms), atoms);
    measure("deep", list_of(engine::Pattern::Linear, "deep", 0, atoms), atoms);
    measure("layers", layers_of(atoms), atoms);
    measure("symbols", symbols_of(atoms), atoms);
  }
}
