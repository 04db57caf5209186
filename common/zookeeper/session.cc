#include "common/zookeeper/session.h"

#include <algorithm>

#include "common/zookeeper/session_core.h"

namespace baton::zookeeper {
namespace {

const Error kNoSession{Code::SessionLost, "no session: it was closed, or the next one is not there yet"};

}  // namespace

Session::Session(Settings settings, ports::Executor& executor, ports::Clock& clock)
    : core_(std::make_shared<Core>(std::move(settings), executor, clock)) {
  core_->open();
}

Session::~Session() {
  core_->close();
}

void Session::subscribe(std::weak_ptr<Listener> listener) {
  core_->subscribe(std::move(listener));
}

void Session::await_connection(Millis limit, std::function<void(bool)> then) {
  core_->await_connection(limit, std::move(then));
}

std::uint64_t Session::number() const {
  return core_->number();
}

bool Session::closed() const {
  return core_->closed();
}

bool Session::connected() const {
  return core_->connected();
}

std::int64_t Session::id() const {
  return core_->identity() ? core_->identity()->id : 0;
}

Millis Session::timeout() const {
  return core_->identity() ? core_->identity()->timeout : Millis{0};
}

Millis Session::silent_for() const {
  return core_->silent_for();
}

ports::Executor& Session::executor() const {
  return core_->executor();
}

ports::Clock& Session::clock() const {
  return core_->clock();
}

void Session::close() {
  core_->close();
}

template <class T, class Request>
void Session::send(Done<T> done, Request request) {
  if (Handle* handle = core_->handle())
    request(*handle, std::move(done));
  else
    core_->executor().post([done = std::move(done)] { done(Fail(kNoSession)); });
}

void Session::create(const std::string& path, const std::string& data, NodeKind kind,
                     Done<std::string> done) {
  send(std::move(done), [&](Handle& handle, auto then) { handle.create(path, data, kind, std::move(then)); });
}

void Session::get(const std::string& path, Done<Node> done, std::function<void()> on_change) {
  send(std::move(done), [&](Handle& handle, auto then) { handle.get(path, std::move(then), on_change); });
}

void Session::exists(const std::string& path, Done<Stat> done) {
  send(std::move(done), [&](Handle& handle, auto then) { handle.exists(path, std::move(then)); });
}

void Session::children(const std::string& path, Done<std::vector<std::string>> done,
                       std::function<void()> on_change) {
  send(std::move(done),
       [&](Handle& handle, auto then) { handle.children(path, std::move(then), on_change); });
}

void Session::set(const std::string& path, const std::string& data, std::int32_t version, Done<Stat> done) {
  send(std::move(done), [&](Handle& handle, auto then) { handle.set(path, data, version, std::move(then)); });
}

void Session::remove(const std::string& path, std::int32_t version, Done<void> done) {
  send(std::move(done), [&](Handle& handle, auto then) { handle.remove(path, version, std::move(then)); });
}

void Session::multi(const std::vector<Op>& ops, Done<void> done) {
  send(std::move(done), [&](Handle& handle, auto then) { handle.multi(ops, std::move(then)); });
}

void Session::sync(const std::string& path, Done<void> done) {
  send(std::move(done), [&](Handle& handle, auto then) { handle.sync(path, std::move(then)); });
}

struct Session::Reading {
  std::weak_ptr<Core> core;
  std::vector<std::string> paths;
  std::function<void(const std::string&, Result<Node, Error>)> each;
  std::function<void()> end;
  std::function<void(const std::string&)> on_change;
  std::size_t asked = 0, answered = 0;
};

void Session::get_many(std::vector<std::string> paths,
                       std::function<void(const std::string&, Result<Node, Error>)> each,
                       std::function<void()> end, std::function<void(const std::string&)> on_change) {
  if (paths.empty()) return core_->executor().post(std::move(end));
  const auto reading = std::make_shared<Reading>(
      Reading{core_, std::move(paths), std::move(each), std::move(end), std::move(on_change)});
  const std::size_t first = std::min(reading->paths.size(), kReadsUnderWayMax);
  for (std::size_t i = 0; i < first; ++i) read_next(reading);
}

/// Each answer asks for the next one.
void Session::read_next(const std::shared_ptr<Reading>& reading) {
  const std::size_t index = reading->asked++;
  const std::string& path = reading->paths[index];
  const auto done = [reading, index](Result<Node, Error> node) {
    if (reading->core.expired()) return;
    reading->each(reading->paths[index], std::move(node));
    if (reading->asked < reading->paths.size()) read_next(reading);
    if (++reading->answered == reading->paths.size()) reading->end();
  };
  std::function<void()> on_change;
  if (reading->on_change) on_change = [path, told = reading->on_change] { told(path); };
  const auto core = reading->core.lock();
  if (Handle* const handle = core ? core->handle() : nullptr)
    handle->get(path, done, std::move(on_change));
  else if (core)
    core->executor().post([done] { done(Fail(kNoSession)); });
}

/// All of them in one go, top first: the server works in this order, and the last answer is the whole one.
void Session::ensure_path(const std::string& path, Done<void> done) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    create(path.substr(0, slash), "", NodeKind::Persistent, [](const Result<std::string, Error>&) {});
  create(path, "", NodeKind::Persistent, [done = std::move(done)](const Result<std::string, Error>& made) {
    if (made.ok() || made.error().code == Code::NodeExists) return done({});
    done(Fail(made.error()));
  });
}

}  // namespace baton::zookeeper
