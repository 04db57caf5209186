#pragma once

#include <baton/task.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

/// Task types of the program that embeds Baton: classes as modules have them (task.h), or functions.
///
///     baton::embed::TaskTypes types;
///     types.add<CreateServer>("server.create");
///     types.add("greet", [](sdk::Context&, const json::object& arguments) -> json::value {
///       return {{"greeted", arguments.at("whom")}};
///     });
namespace baton::embed {

namespace json = boost::json;
namespace sdk = baton::sdk;

/// A value: copies share the code. It is called on many threads at once.
class TaskTypes {
 public:
  using Execute = std::function<json::value(sdk::Context&, const json::object& arguments)>;
  using Revert = std::function<void(sdk::Context&, const sdk::Undo&)>;

  /// A function, and what undoes it; none: there is nothing to undo. A name that is there already is refused
  /// by the run.
  TaskTypes& add(std::string name, Execute execute, Revert revert = nullptr) {
    auto code = std::make_shared<Code>(Code{std::move(name), std::move(execute), std::move(revert), {}});
    code->abi = {
        sdk::boundary::bytes_of(code->name), {}, code.get(), &Code::call_execute, &Code::call_revert};
    all_.push_back(std::shared_ptr<const baton_task_type>(code, &code->abi));
    return *this;
  }

  /// A class. T is made anew for each call, so it needs a constructor without arguments.
  template <class T>
  TaskTypes& add(std::string name) {
    static_assert(std::is_base_of_v<sdk::Task, T>, "a task derives from baton::sdk::Task");
    return add(
        std::move(name),
        [](sdk::Context& context, const json::object& arguments) { return T().execute(context, arguments); },
        [](sdk::Context& context, const sdk::Undo& undo) { T().revert(context, undo); });
  }

  /// As the library calls them.
  const std::deque<std::shared_ptr<const baton_task_type>>& all() const { return all_; }

 private:
  struct Code {
    std::string name;
    Execute execute;
    Revert revert;
    baton_task_type abi;

    static void call_execute(void* self, const baton_task_context* host, baton_bytes arguments,
                             baton_sink sink) {
      sdk::boundary::guarded(sink, "TaskThrew", [&]() -> json::value {
        sdk::Context context(*host);
        const json::value given = sdk::boundary::read(arguments);
        return static_cast<const Code*>(self)->execute(context, given.as_object());
      });
    }
    static void call_revert(void* self, const baton_task_context* host, baton_bytes arguments,
                            baton_sink sink) {
      sdk::boundary::guarded(sink, "TaskThrew", [&]() -> json::value {
        sdk::Context context(*host);
        const json::value given = sdk::boundary::read(arguments);
        const auto* code = static_cast<const Code*>(self);
        if (code->revert) code->revert(context, sdk::boundary::undo_from(given.as_object()));
        return nullptr;
      });
    }
  };

  std::deque<std::shared_ptr<const baton_task_type>> all_;
};

}  // namespace baton::embed
