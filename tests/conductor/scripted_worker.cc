#include "tests/conductor/scripted_worker.h"

#include <algorithm>

namespace baton::conductor::testing {

std::size_t Script::count(const std::string& call) const {
  return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
}

ScriptedWorker::ScriptedWorker(World world, const std::string& name, std::vector<std::string> task_types,
                               std::uint32_t slots, std::map<std::string, std::string> labels)
    : world_(world),
      advert_{name, Incarnation(world.entropy.uuid()), std::move(task_types), slots, std::move(labels)},
      session_(world.ensemble),
      directory_(session_),
      bus_(world.broker, world.loop, world.loop),
      runner_({bus_, world.loop, world.loop, directory_, *this}, {slots, 16}, advert_.incarnation) {
  directory_.open(*this);
  bus_.open(*this);
  directory_.lease_partition(ports::InboxKind::Requests, 8, advert_.incarnation, [this](auto partition) {
    BATON_ASSERT(partition.ok());
    runner_.set_inbox(*partition);
    bus_.open_inbox(ports::InboxKind::Requests, *partition, [this](auto inbox) {
      BATON_ASSERT(inbox.ok());
      advert_.inbox = *inbox;
      directory_.advertise(advert_, [](auto done) { BATON_ASSERT(done.ok()); });
    });
  });
}

ScriptedWorker::~ScriptedWorker() {
  *alive_ = false;
}

void ScriptedWorker::on_message(std::string_view bytes) {
  if (gone_ || wire::addressee(bytes) != advert_.incarnation) return;
  const auto message = wire::decode(bytes);
  BATON_ASSERT(message.ok());
  runner_.receive(*message);
}

bool ScriptedWorker::knows(std::string_view task_type) const {
  return std::find(advert_.task_types.begin(), advert_.task_types.end(), task_type) !=
         advert_.task_types.end();
}

void ScriptedWorker::start(worker::CallId call, const wire::Request& request, Done done) {
  const std::string& atom = request.delivery.atom;
  const bool reverts = request.delivery.intention == Intention::Revert;
  world_.script.calls.push_back((reverts ? "revert " : "") + atom);
  worker::TaskOutcome outcome = Value::of_string(atom);
  if (const auto told = world_.script.results.find(atom); told != world_.script.results.end())
    outcome = told->second;
  if (const auto raw = world_.script.raw_result.find(atom); raw != world_.script.raw_result.end() && !reverts)
    outcome = Value::from_stored(raw->second);
  const auto& failures = reverts ? world_.script.revert_failures : world_.script.failures;
  if (const auto fails = failures.find(atom); fails != failures.end()) outcome = fails->second;
  open_[call] = {request, std::move(outcome), std::move(done)};
  if (!reverts && world_.script.held.contains(atom)) return;
  world_.loop.after(world_.script.takes, [this, call, alive = alive_] {
    if (*alive) end(call);
  });
}

void ScriptedWorker::end(worker::CallId call) {
  const auto found = open_.find(call);
  if (gone_ || found == open_.end()) return;
  const Open open = std::move(found->second);
  open_.erase(found);
  const auto acted = world_.script.acts ? world_.script.acts(open.request) : std::nullopt;
  open.done(acted.value_or(open.outcome));
}

bool ScriptedWorker::holds(const std::string& atom) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const auto& open) { return open.second.request.delivery.atom == atom; });
}

void ScriptedWorker::release(const std::string& atom) {
  for (const auto& [call, open] : open_)
    if (open.request.delivery.atom == atom) return end(call);
}

void ScriptedWorker::vanish(bool note_death, const ports::DeathNote& note) {
  gone_ = true;
  bus_.close(Millis{0});
  if (note_death)
    memory::MemoryDirectory::note_death(world_.ensemble, advert_.incarnation,
                                        memory::MemoryDirectory::kDefaultRoot, note);
  session_.close();
}

void ScriptedWorker::become_unreadable() {
  ports::Advert there;
  there.incarnation = advert_.incarnation;
  there.state = ports::AdvertState::Unreachable;
  directory_.advertise(there, [](auto done) { BATON_ASSERT(done.ok()); });
}

}  // namespace baton::conductor::testing
