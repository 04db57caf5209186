#pragma once

#include <baton/boundary.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// What authors of tasks write:
///
///     struct CreateServer : baton::sdk::Task {
///       json::value execute(Context& context, const json::object& arguments) override;
///       void revert(Context& context, const Undo& undo) override;
///     };
namespace baton::sdk {

/// While it lives, `then` is called once if the task is asked to end: on another thread, or in the
/// constructor if it has been asked already. `then` must be short, not throw and not use the Context. Made by
/// Context::on_cancel.
class [[nodiscard]] CancelHook {
 public:
  CancelHook(const baton_task_context& host, std::function<void()> then)
      : host_(host), then_(std::move(then)) {
    host_.on_cancel(host_.host, &call, this);
  }
  ~CancelHook() { host_.on_cancel(host_.host, nullptr, nullptr); }
  CancelHook(const CancelHook&) = delete;
  CancelHook& operator=(const CancelHook&) = delete;

 private:
  static void call(void* self) { static_cast<CancelHook*>(self)->then_(); }

  const baton_task_context& host_;
  const std::function<void()> then_;
};

/// What a running task can ask and tell. Valid during the call, from any thread of the task.
class Context {
 public:
  explicit Context(const baton_task_context& host) : host_(host) {}

  /// The same for every delivery of an attempt: give it to the target, so that the same call twice gives one
  /// thing.
  std::string_view idempotency_key() const { return boundary::view_of(host_.idempotency_key); }
  /// (flow, atom, dispatch) is the fencing token: show it to the target, which refuses a lower dispatch than
  /// it has seen for (flow, atom). A revert shows it always, also when there is nothing to undo: otherwise a
  /// late execution elsewhere could still act after it.
  std::string_view flow() const { return boundary::view_of(host_.flow); }
  std::string_view atom() const { return boundary::view_of(host_.atom); }
  std::uint64_t dispatch() const { return host_.dispatch; }

  std::string_view job() const { return boundary::view_of(host_.job); }  // as the poster named it
  std::uint32_t attempt() const { return host_.attempt; }

  /// Asked to end: throw Cancelled soon, or finish if that is quicker.
  bool cancelled() const { return host_.cancelled(host_.host) != 0; }
  void throw_if_cancelled() const {
    if (cancelled()) throw Cancelled();
  }
  /// Sleeps. True: the time has passed. False: cancelled meanwhile.
  [[nodiscard]] bool wait(std::chrono::milliseconds time) const {
    const auto milliseconds = time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
    return host_.wait_cancelled(host_.host, milliseconds) == 0;
  }
  /// For tasks that wait in something else (a socket, a client library): wakes them by `then`. One at a time.
  CancelHook on_cancel(std::function<void()> then) const { return {host_, std::move(then)}; }
  /// For people who watch: a share from 0 to 1 and a short note.
  void progress(double share, std::string_view note = {}) const {
    host_.progress(host_.host, share, boundary::bytes_of(note));
  }

 private:
  const baton_task_context& host_;
};

/// What a revert is told of the execution that it undoes.
struct Undo {
  struct Failure {
    std::string type, message;
    json::value details;
  };
  json::object arguments;
  json::value result;              // what execute returned; null: nothing, or it did not succeed
  std::optional<Failure> failure;  // why execute failed
  std::map<std::string, Failure> flow_failures;  // by atom: why the flow is being reverted
};

/// A task type's code. A new object is made for each call, on one of the worker's threads; calls of one type
/// run at the same time on several.
class Task {
 public:
  virtual ~Task() = default;
  /// The result is kept and given to the atoms that need it. Throw TaskFailure to fail with a type.
  virtual json::value execute(Context&, const json::object& arguments) = 0;
  /// By default there is nothing to undo.
  virtual void revert(Context&, const Undo&) {}
};

namespace boundary {

inline Undo::Failure failure_from(const json::value& value) {
  const auto text = [&](const char* key) {
    const auto* member = value.as_object().if_contains(key);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  const auto* details = value.as_object().if_contains("details");
  return {text("type"), text("message"), details ? *details : json::value()};
}

inline Undo undo_from(const json::object& given) {
  Undo undo{given.at("arguments").as_object(), given.at("result"), {}, {}};
  if (const auto& failure = given.at("failure"); !failure.is_null()) undo.failure = failure_from(failure);
  for (const auto& [atom, failure] : given.at("flow_failures").as_object())
    undo.flow_failures.emplace(std::string(atom), failure_from(failure));
  return undo;
}

template <class T>
void execute(void*, const baton_task_context* host, baton_bytes arguments, baton_sink sink) {
  guarded(sink, "TaskThrew", [&]() -> json::value {
    Context context(*host);
    const json::value given = read(arguments);
    T task;
    return task.execute(context, given.as_object());
  });
}

template <class T>
void revert(void*, const baton_task_context* host, baton_bytes arguments, baton_sink sink) {
  guarded(sink, "TaskThrew", [&]() -> json::value {
    Context context(*host);
    const json::value given = read(arguments);
    T task;
    task.revert(context, undo_from(given.as_object()));
    return nullptr;
  });
}

}  // namespace boundary
}  // namespace baton::sdk
