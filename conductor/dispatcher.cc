#include "conductor/dispatcher.h"

#include <algorithm>

namespace baton::conductor {

Dispatcher::Dispatcher(Timers& timers, Outbox& outbox, Flows& flows, const Bounds& bounds, Counters& counters)
    : timers_(timers), outbox_(outbox), flows_(flows), bounds_(bounds), counters_(counters) {
  outbox_.on_refused(alive_.guard(
      [this](Outbox::Batch batch, const ports::BusError& error) { undeliverable(batch, error); }));
}

// ---- what the flows ask for

Dispatcher::Open& Dispatcher::begin(const DeliveryKey& key, const Incarnation& worker, wire::DeliveryId id,
                                    Asks asks) {
  Open& open = open_[key];
  if (open.first_sent == Micros{0}) open.first_sent = timers_.now();
  open.asks = asks;
  open.id = std::move(id);
  open.worker = worker;
  open.resends = open.doubtful = 0;
  open.acknowledged = false;
  Line& line = lines_[worker];
  if (line.open.empty()) line.heard = timers_.now();
  line.open.insert(key);
  if (opened_) opened_();
  if (missing_ && !workers_.contains(worker)) missing_(worker);
  return open;
}

void Dispatcher::send(const DeliveryKey& key, const Incarnation& worker, wire::Request request,
                      std::optional<Millis> heartbeat) {
  Open& open = begin(key, worker, request.delivery, Asks::Run);
  const auto patience = heartbeat.value_or(bounds_.heartbeat) / bounds_.resend_after;
  open.resends_max = static_cast<std::uint32_t>(std::max<std::int64_t>(1, patience));
  transmit(key, open, std::move(request));
}

void Dispatcher::cancel(const DeliveryKey& key, const Incarnation& worker, const wire::DeliveryId& if_unknown,
                        std::string why) {
  const auto known = open_.find(key);
  wire::DeliveryId id = known == open_.end() ? if_unknown : known->second.id;
  Open& open = begin(key, worker, std::move(id), Asks::Cancel);
  open.why = std::move(why);
  transmit(key, open);
}

void Dispatcher::probe(const DeliveryKey& key, const Incarnation& worker, wire::DeliveryId id) {
  Open& open = begin(key, worker, std::move(id), Asks::Probe);
  open.resends_max =
      static_cast<std::uint32_t>(std::max<std::int64_t>(1, bounds_.heartbeat / bounds_.resend_after));
  transmit(key, open);
}

std::map<DeliveryKey, Dispatcher::Open>::iterator Dispatcher::erase(
    std::map<DeliveryKey, Open>::iterator open) {
  if (const auto line = lines_.find(open->second.worker); line != lines_.end()) {
    line->second.open.erase(open->first);
    if (line->second.open.empty() && !line->second.watched) lines_.erase(line);
  }
  return open_.erase(open);
}

void Dispatcher::close(const DeliveryKey& key) {
  const auto found = open_.find(key);
  if (found != open_.end() && found->second.asks != Asks::Cancel) erase(found);
}

bool Dispatcher::end(const DeliveryKey& key) {
  const auto found = open_.find(key);
  if (found == open_.end() || found->second.asks == Asks::Run) return false;
  erase(found);
  return true;
}

void Dispatcher::forget(const FlowId& flow) {
  for (auto open = open_.lower_bound({flow, 0, 0}); open != open_.end() && open->first.flow == flow;)
    open = erase(open);
}

// ---- sending

void Dispatcher::sent(const DeliveryKey& key, Open& open) {
  open.sent = ++sends_;
  open.brought = brought_;
  open.last_sent = timers_.now();
  due_.push_back({open.last_sent + bounds_.resend_after, key, open.sent});
  arm();
}

void Dispatcher::transmit(const DeliveryKey& key, Open& open, wire::Request request) {
  open.waited = false;
  open.batch = outbox_.request(open.worker, std::move(request), open.alone).value_or(0);
  sent(key, open);
}

void Dispatcher::transmit(const DeliveryKey& key, Open& open) {
  open.waited = false;
  if (open.asks == Asks::Cancel) outbox_.cancel(open.worker, {open.id, open.why});
  if (open.asks == Asks::Probe) outbox_.probe(open.worker, {open.id});
  if (open.asks != Asks::Run) return sent(key, open);
  const FlowInbox* flow = flows_.find(key.flow);
  auto request = flow ? flow->request(key.atom, key.dispatch) : std::nullopt;
  if (request) return transmit(key, open, std::move(*request));
  erase(open_.find(key));  // it has moved on
}

/// Only re-sends that Kafka took while our own inbox was readable say something about the worker; one that
/// has itself told that it is cut off keeps what it holds. One whose advert nobody can read has told nothing,
/// and we could tell it nothing.
bool Dispatcher::counts_as_silence(const Open& open) const {
  const auto known = workers_.find(open.worker);
  return (known == workers_.end() || known->second != Known::CutOff) && left_us(open);
}

/// One more copy was in vain. Our inbox may have died before it is judged unreadable (inbox_watch.h): copies
/// count from when anything has come behind them, were it an echo of our own.
bool Dispatcher::silent(Open& open) const {
  if (!counts_as_silence(open)) return false;
  ++open.doubtful;
  if (brought_ != open.brought) open.resends += std::exchange(open.doubtful, 0);
  return open.asks != Asks::Cancel && open.resends > open.resends_max;
}

bool Dispatcher::can_send() const {
  return reachable_ && !outbox_.full();
}

/// Its last copy neither waits here nor did when it was sent.
bool Dispatcher::left_us(const Open& open) const {
  return can_send() && std::max(reachable_since_, outbox_.open_since()) <= open.last_sent;
}

void Dispatcher::send_again(const DeliveryKey& key) {
  Open& open = open_.at(key);
  if (!left_us(open)) open.doubtful = 0;  // they say nothing any more: Kafka or our inbox was away
  // Kafka has the last copy only from now on, or has it not yet: no second one before its time. Once only:
  // where the way opens and closes every moment a copy could be waited for without end, and be lost
  // meanwhile.
  if (!left_us(open) && !(can_send() && std::exchange(open.waited, true))) return sent(key, open);
  if (silent(open)) {
    if (silent_) silent_(open.worker);
    const bool said_why = lines_.at(open.worker).cannot_read_us;
    const std::string what = said_why ? "worker cannot read us, " : "worker silent for ";
    return lose(key, {what + std::to_string(open.resends_max) + " re-sends", !said_why});
  }
  ++counters_.requests_resent;
  transmit(key, open);
}

void Dispatcher::arm() {
  if (timer_armed_ || due_.empty()) return;
  timer_armed_ = true;
  const auto wait = std::chrono::ceil<Millis>(std::max(Micros{0}, due_.front().at - timers_.now()));
  timers_.after(wait, alive_.guard([this] {
    timer_armed_ = false;
    due();
  }));
}

void Dispatcher::due() {
  while (!due_.empty() && due_.front().at <= timers_.now()) {
    const Due due = due_.front();
    due_.pop_front();
    const auto found = open_.find(due.key);
    if (found == open_.end() || found->second.sent != due.sent || found->second.acknowledged) continue;
    send_again(due.key);
  }
  arm();
}

void Dispatcher::lose(const DeliveryKey& key, Loss loss) {
  const auto found = open_.find(key);
  const bool cancelled = found->second.asks == Asks::Cancel;
  erase(found);
  FlowInbox* flow = flows_.find(key.flow);
  if (!flow) return;
  if (cancelled) return flow->take(engine::DeliveryClosed{key.atom, key.dispatch, false});
  ++counters_.deliveries_lost;
  flow->take(engine::DeliveryLost{key.atom, key.dispatch, std::move(loss.why), loss.charged});
}

// ---- words of workers

void Dispatcher::heard_of(const Incarnation& worker) {
  if (const auto line = lines_.find(worker); line != lines_.end()) line->second.heard = timers_.now();
}

void Dispatcher::cannot_read_us(const Incarnation& worker) {
  if (const auto line = lines_.find(worker); line != lines_.end()) line->second.cannot_read_us = true;
}

void Dispatcher::held(const Incarnation& worker, Line& line, const wire::Holding& holding) {
  FlowInbox* flow = flows_.find(holding.delivery.flow);
  const AtomIndex atom = flow ? flow->find(holding.delivery.atom) : kNoAtom;
  const auto found = open_.find({holding.delivery.flow, atom, holding.delivery.dispatch});
  if (atom == kNoAtom || found == open_.end() || found->second.worker != worker) return;
  Open& open = found->second;
  line.cannot_read_us = false;
  open.listed_in = line.reports;
  if (open.asks != Asks::Cancel) open.acknowledged = true;  // a cancel waits for the end, not for "held"
  open.resends = open.doubtful = 0;
  open.brought = brought_;
  open.progress = holding.progress;
  open.note = holding.progress_note;
  if (holding.started && !std::exchange(open.started, true) && open.asks == Asks::Run &&
      flow->wants_start(atom))
    flow->take(engine::DeliveryStarted{atom, found->first.dispatch});
}

void Dispatcher::reported(const Incarnation& worker, const wire::Report& report) {
  const auto found = lines_.find(worker);
  if (found == lines_.end()) return;
  Line& line = found->second;
  line.heard = timers_.now();
  ++line.reports;
  for (const auto& holding : report.holdings) held(worker, line, holding);
  missing_in(line);
  watch(worker);
}

/// Acknowledged once and now missing in two reports: the worker does not hold it (any more).
void Dispatcher::missing_in(Line& line) {
  std::vector<DeliveryKey> missing;
  for (const auto& key : line.open) {
    Open& open = open_.at(key);
    if (!open.acknowledged || open.listed_in + 2 > line.reports) continue;
    open.acknowledged = false;
    missing.push_back(key);
  }
  for (const auto& key : missing) send_again(key);
}

/// A worker that reports nothing at all is asked for each delivery again; silence is counted from there.
void Dispatcher::watch(const Incarnation& worker) {
  Line& line = lines_[worker];
  if (line.watched) return;
  line.watched = true;
  const Micros since_heard = timers_.now() - line.heard;
  const auto wait = std::chrono::ceil<Millis>(std::max(Micros{0}, bounds_.report_patience - since_heard));
  timers_.after(std::max(wait, Millis{1}), alive_.guard([this, worker] {
    const auto found = lines_.find(worker);
    if (found == lines_.end()) return;
    Line& later = found->second;
    later.watched = false;
    if (later.open.empty()) {
      lines_.erase(found);
      return;
    }
    if (timers_.now() - later.heard >= bounds_.report_patience) {
      const std::vector<DeliveryKey> keys(later.open.begin(), later.open.end());
      later.heard = timers_.now();
      for (const auto& key : keys)
        if (std::exchange(open_.at(key).acknowledged, false)) send_again(key);
    }
    if (lines_.contains(worker)) watch(worker);
  }));
}

// ---- what happens to workers and the bus

void Dispatcher::workers(const std::vector<ports::Advert>& adverts) {
  workers_.clear();
  for (const auto& advert : adverts) {
    const bool cut_off = advert.inbox && advert.state == ports::AdvertState::Unreachable;
    workers_.emplace(advert.incarnation, cut_off ? Known::CutOff : Known::There);
  }
}

void Dispatcher::worker_gone(const Incarnation& worker,
                             const std::function<Loss(const wire::DeliveryId&)>& judge) {
  const auto line = lines_.find(worker);
  if (line == lines_.end()) return;
  const std::vector<DeliveryKey> keys(line->second.open.begin(), line->second.open.end());
  for (const auto& key : keys) lose(key, judge(open_.at(key).id));
}

void Dispatcher::undeliverable(Outbox::Batch batch, const ports::BusError& error) {
  std::vector<DeliveryKey> hit;  // rare: a look at all is cheap enough
  for (const auto& [key, open] : open_)
    if (open.asks == Asks::Run && open.batch == batch) hit.push_back(key);
  for (const auto& key : hit) {
    Open& open = open_.at(key);
    if (!std::exchange(open.alone, true) && hit.size() > 1) {
      transmit(key, open);
      continue;
    }
    const wire::DeliveryId id = open.id;
    erase(open_.find(key));
    const auto type = error.code == ports::BusErrorCode::TooLarge ? failure_type::kArgumentsTooLarge
                                                                  : failure_type::kUnsupported;
    if (FlowInbox* flow = flows_.find(key.flow))
      flow->take(engine::AtomFinished{
          key.atom, id.intention, id.attempt, id.dispatch,
          Failure::make(std::string(type), "the request cannot be sent: " + error.message)});
  }
}

void Dispatcher::reachable(bool now_reachable) {
  if (now_reachable && !reachable_) reachable_since_ = timers_.now();
  reachable_ = now_reachable;
}

// ---- for people

std::vector<Incarnation> Dispatcher::holders() const {
  std::vector<Incarnation> holders;
  for (const auto& [worker, line] : lines_)
    if (!line.open.empty()) holders.push_back(worker);
  return holders;
}

bool Dispatcher::holds(const DeliveryKey& key) const {
  return open_.contains(key);
}

std::optional<Incarnation> Dispatcher::ending_at(const FlowId& flow, AtomIndex atom) const {
  for (auto open = open_.lower_bound({flow, atom, 0}); open != open_.end(); ++open) {
    if (open->first.flow != flow || open->first.atom != atom) break;
    if (open->second.asks == Asks::Cancel) return open->second.worker;
  }
  return std::nullopt;
}

std::vector<RunningAtom> Dispatcher::running(const FlowId& flow, std::size_t limit) const {
  std::vector<RunningAtom> shown;
  for (auto at = open_.lower_bound({flow, 0, 0}); at != open_.end() && at->first.flow == flow; ++at) {
    if (shown.size() >= limit) break;
    const Open& open = at->second;
    RunningAtom atom;
    atom.name = open.id.atom;
    atom.intention = open.id.intention;
    atom.attempt = open.id.attempt;
    atom.dispatch = open.id.dispatch;
    atom.worker = open.worker;
    atom.acknowledged = open.acknowledged;
    atom.started = open.started;
    atom.resends = open.resends + open.doubtful;
    atom.out_for = std::chrono::duration_cast<Millis>(timers_.now() - open.first_sent);
    atom.progress = open.progress;
    atom.progress_note = open.note;
    shown.push_back(std::move(atom));
  }
  return shown;
}

std::size_t Dispatcher::running_count(const FlowId& flow) const {
  return static_cast<std::size_t>(
      std::distance(open_.lower_bound({flow, 0, 0}), open_.upper_bound({flow, kNoAtom, ~Dispatch{0}})));
}

}  // namespace baton::conductor
