#include "tests/simulation/people.h"

namespace baton::simulation {
namespace {

constexpr std::uint64_t kPeople = 22;   // a stream of chance
constexpr Millis kResumeAfter{10'000};  // from then on whatever stands still is resumed …
constexpr Millis kResumePause{1'000};   // … in rounds
constexpr unsigned kAccepted = 202;

api::Request request_for(const JobId& job, OrderKind kind, bool keep) {
  api::Request request;
  request.method = "POST";
  request.path = {"v1", "jobs", job.value, "orders"};
  request.content_type = "application/json";
  request.body = R"({"order": ")" + std::string(to_string(kind)) + R"(", "who": "people", "why": "chance")" +
                 (keep ? R"(, "keep": true})" : "}");
  return request;
}

std::uint64_t id_in(const api::Response& response) {
  const auto body = Value::parse(response.body);
  BATON_ASSERT(body.ok());
  return body->tree().at("id").to_number<std::uint64_t>();
}

}  // namespace

People::People(Cluster& cluster, Coverage& coverage)
    : cluster_(cluster),
      world_(cluster.world()),
      coverage_(coverage),
      dice_(world_.seed, Chance::Later, kPeople) {}

void People::begin() {
  if (!world_.lot.orders) return;
  for (const ScriptedJob& job : world_.jobs)
    if (dice_.one_in(2)) plan(job);
  world_.loop.after(kResumeAfter, [this] { resume_all(); });
}

void People::plan(const ScriptedJob& job) {
  static const std::vector kKinds{OrderKind::Suspend, OrderKind::Suspend, OrderKind::Cancel,
                                  OrderKind::Resume};
  for (std::uint64_t i = dice_.between(1, 3); i > 0; --i) {
    const Millis at = job.posted_after + dice_.millis(0, 4'000);
    const OrderKind kind = dice_.of(kKinds);
    const bool keep = kind == OrderKind::Cancel && dice_.one_in(3);
    world_.loop.after(at, [this, &job, kind, keep] { order(job, kind, keep); });
    if (kind == OrderKind::Suspend)
      world_.loop.after(at + dice_.millis(50, 3'000), [this, &job] { order(job, OrderKind::Resume, false); });
  }
}

Cluster::Seat* People::any_conductor() {
  std::vector<Cluster::Seat*> there;
  for (const auto& seat : cluster_.seats())
    if (cluster_.conductor_at(*seat)) there.push_back(seat.get());
  return there.empty() ? nullptr : dice_.of(there);
}

/// The connection ends with the conductor: then nobody hears what became of it.
void People::order(const ScriptedJob& job, OrderKind kind, bool keep) {
  Cluster::Seat* seat = any_conductor();
  if (!seat) return;
  const FlowState state = world_.database->state_of(job.uuid, 1);
  coverage_.met("asked to " + std::string(to_string(kind)) + (keep ? ", keeping" : ""),
                std::string(to_string(state)));
  world_.loop.after(dice_.millis(1, 30), [this, seat, life = seat->who.life, &job, kind, keep] {
    ConductorNode* conductor = seat->who.life == life ? cluster_.conductor_at(*seat) : nullptr;
    if (!conductor) return;
    conductor->ask(request_for(job.uuid, kind, keep), [this, &job, kind](const api::Answer& answer) {
      heard(job, kind, std::get<api::Response>(answer));
    });
  });
}

void People::heard(const ScriptedJob& job, OrderKind kind, const api::Response& response) {
  if (world_.trace.wanted())
    world_.say("people hear of " + std::string(to_string(kind)) + " " + job.uuid.value + ": " +
               std::to_string(response.status));
  if (response.status == kAccepted)
    world_.evidence.acknowledged.push_back({world_.loop.steady(), job.uuid, id_in(response)});
}

void People::resume_all() {
  for (const ScriptedJob& job : world_.jobs)
    for (std::uint32_t run = 1; run <= job.runs; ++run) {
      const FlowState state = world_.database->state_of(job.uuid, run);
      if (state == FlowState::Suspending || state == FlowState::Suspended)
        order(job, OrderKind::Resume, false);
    }
  world_.loop.after(kResumePause, [this] { resume_all(); });
}

}  // namespace baton::simulation
