#include "tests/simulation/client_node.h"

namespace baton::simulation {
namespace {

constexpr std::size_t kQueuedMessages = 10;  // it sends none
constexpr Millis kAgain{500};
constexpr Millis kAwaited{2'000};  // what is posted is claimed within this, as a rule

}  // namespace

ClientNode::ClientNode(World& world, const Who& who)
    : Node(world, who, kQueuedMessages), board_(session_, {World::kBoard, who.name}) {}

ClientNode::~ClientNode() = default;

void ClientNode::post_all() {
  for (const ScriptedJob& job : world_.jobs) {
    unposted_ += job.runs;
    process_.after(job.posted_after, [this, &job] { post(job, 1); });
    if (job.posted_twice) process_.after(job.posted_after + Millis{40}, [this, &job] { post_twice(job); });
  }
}

void ClientNode::post(const ScriptedJob& job, std::uint32_t run) {
  board_.post(job.posting(run), [this, &job, run](const Result<std::string, ports::BoardError>& done) {
    if (!done.ok()) {
      process_.after(kAgain, [this, &job, run] { post(job, run); });
      return;
    }
    world_.say(job.uuid.value + " run " + std::to_string(run) + " is posted at " + *done);
    posted_[job.uuid] = run;
    --unposted_;
    if (run < job.runs) await_end(job, run);
  });
}

/// As Python's client does that did not hear the answer: blindly, on a node of its own.
void ClientNode::post_twice(const ScriptedJob& job) {
  world_.ensemble.create_sequential(std::string(World::kBoard) + "/job",
                                    std::string(job.posting(1).raw.json()));
}

void ClientNode::look_for_lost() {
  for (const ScriptedJob& job : world_.jobs)
    if (posted_.contains(job.uuid)) process_.after(kAwaited, [this, &job] { look_for(job); });
}

void ClientNode::look_for(const ScriptedJob& job) {
  const std::uint32_t run = posted_.at(job.uuid);
  if (world_.database->knows(job.uuid, run)) return;
  if (!world_.stands_on_board(job.posting(run))) return post_again(job, run);
  process_.after(kAwaited, [this, &job] { look_for(job); });
}

void ClientNode::post_again(const ScriptedJob& job, std::uint32_t run) {
  board_.post(job.posting(run), [this, &job, run](const Result<std::string, ports::BoardError>& done) {
    if (done.ok())
      world_.say(job.uuid.value + " run " + std::to_string(run) + " is posted again at " + *done);
    process_.after(done.ok() ? kAwaited : kAgain, [this, &job] { look_for(job); });
  });
}

void ClientNode::await_end(const ScriptedJob& job, std::uint32_t run) {
  process_.after(kAgain, [this, &job, run] {
    is_final(world_.database->state_of(job.uuid, run)) ? post(job, run + 1) : await_end(job, run);
  });
}

}  // namespace baton::simulation
