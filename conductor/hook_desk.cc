#include "conductor/hook_desk.h"

#include <algorithm>
#include <utility>

#include "common/runtime/log.h"
#include "common/runtime/named_uuid.h"

namespace baton::conductor {
namespace {

using ports::HookCall;
using ports::HookEnding;

// The space of the ids of calls: any fixed uuid.
constexpr Uuid kCallSpace{
    {0x6a, 0x4f, 0x1e, 0x0c, 0x2f, 0x5b, 0x4d, 0x0e, 0x9a, 0x37, 0x51, 0xc0, 0xd8, 0x0b, 0xa7, 0x01}};

/// By what makes a call the one that it is, so that it is the same also after a restore.
std::string id_of(const HookCall& call) {
  return runtime::named_uuid(kCallSpace, call.job.value + "\n" + std::to_string(call.run) + "\n" +
                                             std::string(to_string(call.event)) + "\n" +
                                             std::to_string(call.occasion) + "\n" + call.hook)
      .to_string();
}

std::string text_in(const boost::json::value& about, const char* name) {
  const auto* object = about.if_object();
  const auto* member = object ? object->if_contains(name) : nullptr;
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

/// A job's address at this conductor's API; its uuid may hold anything.
std::string link_of(const std::string& api, const std::string& job) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string path;
  for (const char c : job) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
    plain ? path += c : (path += '%', path += kDigits[byte >> 4], path += kDigits[byte & 15]);
  }
  return "http://" + api + "/v1/jobs/" + path;
}

std::string json_of(const HookCall& call, const HookDocument& document, const ports::Member& self) {
  std::string json = "{\"id\": " + quoted(document.id) + ", \"hook\": " + quoted(document.hook) +
                     ", \"event\": \"" + document.event +
                     "\", \"attempt\": " + std::to_string(document.attempt) +
                     ", \"recorded_at\": " + quoted(to_rfc3339(call.recorded_at)) +
                     ", \"job\": " + quoted(document.job) + ", \"run\": " + std::to_string(document.run);
  if (call.flow) json += ", \"flow_id\": " + quoted(call.flow->value.to_string());
  if (!self.api.empty()) json += ", \"link\": " + quoted(link_of(self.api, document.job));
  json += ", \"conductor\": " + quoted(self.name);
  const std::string_view about = call.about.json();  // an object: its members stand behind ours
  return json + ", " + std::string(about.substr(1)) + "\n";
}

}  // namespace

HookDocument document_of(const HookCall& call, const ports::Member& self) {
  const auto about = call.about.tree();
  HookDocument document;
  document.id = id_of(call);
  document.hook = call.hook;
  document.event = std::string(to_string(call.event));
  document.job = call.job.value;
  document.flow_name = text_in(about, "flow");
  document.state = text_in(about, "state");
  document.run = call.run;
  document.attempt = call.attempts + 1;
  document.json = json_of(call, document, self);
  return document;
}

void HookDesk::start() {
  started_ = true;
  look();
}

void HookDesk::recorded(std::size_t calls) {
  with_.counters.hook_calls_recorded += calls;
  if (started_) look();
}

void HookDesk::drain(std::function<void()> done) {
  stopping_ = true;
  if (timer_) with_.clock.cancel(*std::exchange(timer_, std::nullopt));
  drained_ = std::move(done);
  if (running_.empty() && !taking_) return std::exchange(drained_, nullptr)();
  with_.clock.after(with_.bounds.hook_drain, alive_.guard([this] {
    if (drained_) std::exchange(drained_, nullptr)();
  }));
}

bool HookDesk::test(const std::string& name, HookRunner::Done done) {
  const Hook* hook = with_.book.find(name);
  if (!hook) return false;
  HookCall call;
  call.hook = name;
  call.event = *hook->on.begin();
  call.job = JobId("test-" + with_.entropy.uuid().to_string());
  call.recorded_at = with_.clock.wall();
  call.about = Value::from_stored(
      "{\"test\": true, \"name\": \"a test of this hook\", \"flow\": \"none\", \"priority\": \"NORMAL\","
      " \"state\": \"FAILURE\", \"failure\": {\"type\": \"Test\", \"message\": \"somebody tries this "
      "hook\"}}");
  Hook tried = *hook;
  tried.timeout = std::min(tried.timeout, with_.bounds.hook_test_timeout);
  with_.runner.run(tried, document_of(call, with_.self), std::move(done));
  return true;
}

/// How many of each hook there is room for, in turn.
std::vector<ports::HookTake::Share> HookDesk::shares() const {
  std::map<std::string, std::size_t> busy;
  for (const auto& [call, hook] : running_) ++busy[hook];
  std::vector<ports::HookTake::Share> all;
  for (const Hook& hook : with_.book.hooks())
    all.push_back({hook.name, 0, hook.timeout + with_.bounds.hook_lease_more});
  std::size_t room = with_.bounds.hook_calls_max - std::min(with_.bounds.hook_calls_max, running_.size());
  for (bool given = true; given && room > 0;) {
    given = false;
    for (auto& share : all) {
      if (room == 0 || busy[share.hook] + share.calls_max >= with_.bounds.hook_calls_each) continue;
      ++share.calls_max, --room;
      given = true;
    }
  }
  std::erase_if(all, [](const auto& share) { return share.calls_max == 0; });
  return all;
}

/// One take at a time; what comes meanwhile is looked for behind it.
void HookDesk::look() {
  if (stopping_) return;
  if (taking_) {
    again_ = true;
    return;
  }
  auto free = shares();
  if (free.empty()) return look_later();
  taking_ = true;
  again_ = false;
  with_.store.take_hook_calls(
      {std::move(free), with_.self.incarnation, with_.self.name},
      alive_.guard([this](const Result<std::vector<HookCall>, ports::StoreError>& calls) {
        taking_ = false;
        if (calls.ok()) taken(*calls);
        if (stopping_ && running_.empty() && drained_) return std::exchange(drained_, nullptr)();
        again_ ? look() : look_later();
      }));
}

void HookDesk::look_later() {
  if (stopping_) return;
  if (timer_) with_.clock.cancel(*timer_);
  timer_ = with_.clock.after(with_.bounds.hook_look, alive_.guard([this] {
    timer_.reset();
    look();
  }));
}

void HookDesk::taken(const std::vector<HookCall>& calls) {
  for (const HookCall& call : calls) make(call);
  if (!calls.empty()) again_ = true;  // there may be more
}

/// One that is still being made here when its time is over is ours again: its end is that of the new time.
/// One whose end is recorded, which we have not heard yet, is for another attempt.
void HookDesk::make(const HookCall& call) {
  if (!running_.emplace(call.id, call.hook).second) {
    taken_anew_[call.id] = call;
    return;
  }
  const Hook* hook = with_.book.find(call.hook);
  BATON_ASSERT(hook);  // only those were asked for
  with_.runner.run(*hook, document_of(call, with_.self),
                   alive_.guard([this, call](const std::string& error) { made(call, error); }));
}

Millis HookDesk::pause_after(std::uint32_t attempts) {
  const auto first = with_.bounds.hook_pause_first.count(), most = with_.bounds.hook_pause_max.count();
  const auto doubled = attempts < 30 ? std::min(most, first << attempts) : most;
  return Millis{doubled +
                static_cast<Millis::rep>(with_.entropy.below(static_cast<std::uint64_t>(doubled / 4 + 1)))};
}

/// One that a person has ordered again is tried as a new one.
HookEnding HookDesk::ending_of(const HookCall& call, const std::string& error) {
  if (error.empty()) return {call, HookEnding::How::Done, Millis{0}, {}};
  const std::uint32_t tried = call.attempts - call.attempts_before;
  if (tried + 1 >= with_.book.find(call.hook)->attempts)
    return {call, HookEnding::How::GivenUp, Millis{0}, error};
  return {call, HookEnding::How::Again, pause_after(tried), error};
}

void HookDesk::made(const HookCall& call, const std::string& error) {
  const HookEnding ending = ending_of(call, error);
  const auto log = runtime::Log().with({{"job", call.job}, {"hook", call.hook}, {"call", call.id}});
  const std::string event(to_string(call.event));
  switch (ending.how) {
    case HookEnding::How::Done:
      ++with_.counters.hook_calls_done;
      log.info("hook called", {{"event", event}, {"attempt", call.attempts + 1}});
      break;
    case HookEnding::How::Again:
      ++with_.counters.hook_calls_failed;
      log.warning("a hook's call failed; it is tried again",
                  {{"event", event}, {"attempt", call.attempts + 1}, {"why", error}});
      break;
    case HookEnding::How::GivenUp:
      ++with_.counters.hook_calls_failed;
      ++with_.counters.hook_calls_given_up;
      log.error("a hook's call was given up: nobody has been told",
                {{"event", event}, {"attempts", call.attempts + 1}, {"why", error}});
      break;
  }
  record(ending, 0);
}

/// While the store is away this is tried for as long as the lease may last; then the call is made again.
void HookDesk::record(const HookEnding& ending, int tries) {
  with_.store.end_hook_call(
      ending, alive_.guard([this, ending, tries](const Result<void, ports::StoreError>& recorded) {
        if (recorded.ok() || tries >= with_.bounds.hook_end_tries) return ended(ending.call);
        with_.clock.after(with_.bounds.probe_pause,
                          alive_.guard([this, ending, tries] { record(ending, tries + 1); }));
      }));
}

void HookDesk::ended(const HookCall& call) {
  running_.erase(call.id);
  const auto anew = taken_anew_.extract(call.id);
  if (!stopping_ && anew && anew.mapped().attempts > call.attempts) return make(anew.mapped());
  if (stopping_ && running_.empty() && !taking_ && drained_) return std::exchange(drained_, nullptr)();
  look();
}

}  // namespace baton::conductor
