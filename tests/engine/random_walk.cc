#include "tests/engine/random_walk.h"

#include <optional>
#include <random>

#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

constexpr std::size_t kStepsMax = 3000;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t end) { return random_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class Items>
  const auto& of(const Items& items) {
    return items[below(items.size())];
  }

 private:
  std::mt19937_64 random_;
};

class RandomFlow {
 public:
  explicit RandomFlow(Dice& dice) : dice_(dice) {}

  std::string flow(std::size_t depth) {
    static const std::vector<std::string> kPatterns{"linear", "unordered", "graph"};
    const std::string name = "f" + std::to_string(next_++);
    const std::string pattern = dice_.of(kPatterns);
    std::string text = R"({"name": ")" + name + R"(", "pattern": ")" + pattern + "\"";
    if (dice_.one_in(2)) text += R"(, "retry": )" + retry();
    std::vector<std::string> children;
    std::string nodes;
    for (std::size_t i = 1 + dice_.below(4); i > 0; --i) {
      const bool nested = depth < 3 && dice_.one_in(3);
      const std::string child = nested ? "f" + std::to_string(next_) : "t" + std::to_string(next_);
      nodes += (nodes.empty() ? "" : ", ") + (nested ? R"({"flow": )" + flow(depth + 1) + "}" : task());
      children.push_back(child);
    }
    text += R"(, "nodes": [)" + nodes + "]";
    if (pattern == "graph") text += R"(, "links": [)" + links(children) + "]";
    return text + "}";
  }

 private:
  std::string task() {
    std::string text =
        R"({"task": "step", "name": "t)" + std::to_string(next_++) + R"(", "max_deliveries": 2)";
    if (dice_.one_in(8)) text += R"(, "on_worker_loss": "fail")";
    if (dice_.one_in(8)) text += R"(, "on_revert_failure": "continue")";
    if (dice_.one_in(4)) text += R"(, "priority": )" + std::to_string(dice_.below(9));
    if (dice_.one_in(6)) text += R"(, "timeouts": {"schedule_to_start_ms": 50, "start_to_close_ms": 50})";
    return text + "}";
  }

  std::string retry() {
    static const std::vector<std::string> kPolicies{
        R"("policy": "times", "attempts": 2)",
        R"("policy": "times", "attempts": 3, "revert_all": true)",
        R"("policy": "for_each", "values": [1, 2])",
        R"("policy": "always_revert")",
        R"("policy": "always_revert_all")",
        R"("policy": "times", "attempts": 2, "backoff": {"initial_ms": 9})"};
    return "{" + dice_.of(kPolicies) + "}";
  }

  std::string links(const std::vector<std::string>& children) {
    static const std::vector<std::string> kDepths{"all", "flow", "neighbors", "atom"};
    std::string text;
    for (std::size_t to = 1; to < children.size(); ++to) {
      for (std::size_t from = 0; from < to; ++from) {
        if (!dice_.one_in(2)) continue;
        text += (text.empty() ? "" : ", ") + (R"({"from": ")" + children[from]) + R"(", "to": ")" +
                children[to] + "\"";
        if (dice_.one_in(4))
          text += std::string(R"(, "when": )") +
                  (dice_.one_in(4) ? R"({"raise": true})" : R"({"const": false})") + R"(, "depth": ")" +
                  dice_.of(kDepths) + "\"";
        text += "}";
      }
    }
    return text;
  }

  Dice& dice_;
  std::size_t next_ = 1;
};

/// What must hold whenever an atom starts.
void check_starts(const EngineStory& story) {
  const engine::Plan& plan = story.engine().plan();
  for (const Fact& fact : story.last_facts()) {
    const auto* atom = std::get_if<AtomFact>(&fact.body);
    if (!atom || atom->from != AtomState::Pending || atom->after.state != AtomState::Running) continue;
    if (atom->note == "done by ann") continue;  // by a person, whatever stands before it
    for (const AtomIndex before : plan.predecessors(atom->atom)) {
      const AtomRecord& done = story.engine().atom(before);
      INFO(plan.name(atom->atom) << " started behind " << plan.name(before) << " " << to_string(done.state));
      REQUIRE((done.state == AtomState::Success || done.state == AtomState::Ignore ||
               done.intention == Intention::Revert));  // failed meanwhile, in the same step
    }
  }
}

void one_step(EngineStory& story, Dice& dice, std::size_t failing) {
  const Names open = story.running();
  if (open.empty() || dice.one_in(10)) story.pass(Millis(10 + dice.below(60)));
  if (story.running().empty()) return;
  const std::string atom = dice.of(story.running());
  if (!story.record(atom).delivery) return;
  switch (dice.below(24)) {
    case 0:
      return story.lose(atom);
    case 1:
      return story.hand_back(atom);
    case 2:
      return story.report_started(atom);
    case 3:
      return story.restore(static_cast<std::uint32_t>(dice.below(2)));
    case 4:
      return story.suspend();
    case 5:
      return dice.one_in(12) ? story.cancel(dice.one_in(2)) : story.resume();
    case 6:
      return story.close(atom);
    default:
      if (dice.below(100) < failing) return story.fail(atom);
      return story.succeed(atom);
  }
}

/// As a person may ask; what had succeeded is executed again only if all is, or a rollback goes on.
void run_again(EngineStory& story, Dice& dice) {
  using How = engine::RunAsked::How;
  static const std::vector<How> kHows{How::Keep, How::Anew, How::RetryAtom, How::SkipAtom, How::MarkDone};
  const engine::Plan& plan = story.engine().plan();
  const How how = dice.of(kHows);
  const std::string atom =
      plan.size() > 0 ? plan.name(static_cast<AtomIndex>(dice.below(plan.size()))) : "none";
  const bool onward = how != How::Anew && (how == How::Keep || how == How::MarkDone ||
                                           story.state(atom) != AtomState::RevertFailure);
  std::vector<std::optional<Attempt>> succeeded;
  for (AtomIndex each = 0; each < plan.size(); ++each) {
    const AtomRecord& record = story.engine().atom(each);
    succeeded.push_back(record.state == AtomState::Success ? std::optional(record.attempt) : std::nullopt);
  }
  INFO("asked for another run, " << static_cast<int>(how) << " of " << atom);
  story.next_run({engine::RunAsked{how, "ann", "", atom, 1}});
  for (AtomIndex each = 0; onward && each < succeeded.size(); ++each)
    if (succeeded[each]) REQUIRE(story.engine().atom(each).attempt == *succeeded[each]);
  check_starts(story);
}

}  // namespace

Walked random_walk(std::uint64_t seed) {
  Dice dice(seed);
  const std::string flow = RandomFlow(dice).flow(0);
  INFO("seed " << seed << ": " << flow);
  engine::Options options;
  options.defer_reverts = dice.one_in(5);
  options.never_resolve = dice.one_in(12);
  const std::size_t failing = dice.below(40);
  const bool bad_retries = dice.one_in(4);
  options.before_retry = [&](AtomIndex, Intention) -> std::optional<Failure> {
    if (!bad_retries || !dice.one_in(10)) return std::nullopt;
    return Failure::make("Boom", "a retry of one's own");
  };
  EngineStory story;
  story.given_flow(flow, {}, options);
  for (std::size_t runs = 1; runs <= 5; ++runs) {
    std::size_t steps = 0;
    while (!is_final(story.flow_state())) {
      REQUIRE(++steps < kStepsMax);
      if (story.flow_state() == FlowState::Suspended)
        story.resume();
      else
        one_step(story, dice, failing);
      check_starts(story);
    }
    REQUIRE(story.finished() == story.flow_state());
    REQUIRE(story.running().empty());
    if (runs == 1) story.rerun();
    if (runs > 1 && runs < 5) run_again(story, dice);
  }
  return {story.moves(), story.flow_moves()};
}

}  // namespace baton::tests
