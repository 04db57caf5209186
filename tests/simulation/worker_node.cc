#include "tests/simulation/worker_node.h"

namespace baton::simulation {
namespace {

ports::Advert advert(const std::string& name, Incarnation incarnation) {
  ports::Advert about;
  about.name = name;
  about.incarnation = incarnation;
  return about;
}

}  // namespace

WorkerNode::WorkerNode(World& world, const Who& who, const worker::RunnerLimits& limits,
                       std::set<std::string> types, std::size_t queued_messages_max)
    : Node(world, who, queued_messages_max),
      limits_(limits),
      queued_messages_max_(queued_messages_max),
      tasks_(world, process_, session_, wire(Server::Cloud), incarnation_, types),
      worker_(std::make_unique<worker::Worker>(
          worker::TaskRunner::Ports{*bus_, process_, process_, directory_, tasks_}, limits,
          advert(who.name, incarnation_), std::vector<std::string>(types.begin(), types.end()),
          worker::Worker::Events{[this] { world_.say(process_.name() + " serves"); },
                                 [this](worker::Worker::End how, const std::string&) { left(how); }})) {
  worker_->start();
}

WorkerNode::~WorkerNode() {
  bus_.reset();
  directory_.close();
  worker_.reset();
}

void WorkerNode::drain(Millis deadline, std::function<void()> gone) {
  gone_ = std::move(gone);
  process_.post([this, deadline] { worker_->drain(deadline); });
}

void WorkerNode::left(worker::Worker::End how) {
  if (how == worker::Worker::End::Drained) world_.evidence.left[incarnation_] = world_.loop.steady();
  if (gone_) gone_();
}

bool WorkerNode::idle() const {
  const auto figures = worker_->figures();
  return figures.running == 0 && figures.queued == 0;
}

std::string WorkerNode::doing() const {
  if (tasks_.reverting() > 0) return "reverting";
  if (tasks_.executing() > 0) return "executing";
  const auto figures = worker_->figures();
  if (figures.queued > 0) return "queued";
  return figures.unrecorded > 0 ? "answered" : "idle";
}

void WorkerNode::sample(std::map<std::string, Level>& levels) const {
  const auto figures = worker_->figures();
  raise(levels, "tasks running at a worker", figures.running, limits_.slots);
  raise(levels, "requests queued at a worker", figures.queued, limits_.slots + limits_.prefetch);
  // What was taken when there was room may all be answered.
  raise(levels, "answers kept at a worker", figures.unrecorded,
        limits_.answers_max + limits_.slots + limits_.prefetch);
  raise(levels, "messages queued at a worker", bus_->queued(), queued_messages_max_);
}

}  // namespace baton::simulation
