#pragma once

#include <baton/module.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <exception>
#include <string>
#include <string_view>

/// The crossing of the C ABI, inside a module: JSON bytes to Boost.JSON and back, and no exception that
/// leaves. Authors do not need this header; task.h, flow.h and registry.h use it.
namespace baton::sdk {

namespace json = boost::json;

/// Throw it from execute, revert or a flow factory: the failure that is recorded, and what retry_on names.
/// Any other exception is recorded as type "TaskThrew" with what() as its message.
class TaskFailure : public std::exception {
 public:
  TaskFailure(std::string type, std::string message, json::value details = nullptr)
      : type_(std::move(type)), message_(std::move(message)), details_(std::move(details)) {}

  const std::string& type() const { return type_; }
  const std::string& message() const { return message_; }
  const json::value& details() const { return details_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string type_, message_;
  json::value details_;
};

/// Throw it when the target refuses the fencing token because it has seen a higher one: somebody newer does
/// this atom's work. The worker hands such a delivery back instead of failing the atom.
struct StaleToken : TaskFailure {
  explicit StaleToken(std::string message, json::value details = nullptr)
      : TaskFailure("StaleToken", std::move(message), std::move(details)) {}
};

/// Throw it when the task ends early because Context::cancelled() said so.
struct Cancelled : TaskFailure {
  Cancelled() : TaskFailure("Cancelled", "ended because it was asked to") {}
};

namespace boundary {

inline baton_bytes bytes_of(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view view_of(baton_bytes bytes) {
  return bytes.size == 0 ? std::string_view() : std::string_view(bytes.data, bytes.size);
}

/// The host has checked what it gives; a depth of Boost.JSON's 32 would refuse some of it.
inline json::value read(baton_bytes bytes) {
  json::parse_options options;
  options.max_depth = 256;
  return json::parse(json::string_view(bytes.data, bytes.size), {}, options);
}

inline void write_failure(const baton_sink& sink, std::string_view type, std::string_view message,
                          const json::value& details) {
  json::object failure;
  failure["type"] = json::string_view(type.data(), type.size());
  failure["message"] = json::string_view(message.data(), message.size());
  if (!details.is_null()) failure["details"] = details;
  sink.write(sink.host, 1, bytes_of(json::serialize(failure)));
}

/// Calls `body` (which returns the JSON to give back); whatever it throws becomes a failure in the sink.
template <class Body>
void guarded(const baton_sink& sink, std::string_view type_of_others, Body&& body) noexcept {
  static constexpr std::string_view kHopeless =
      R"json({"type": "TaskThrew", "message": "threw, and so did writing down why (out of memory?)"})json";
  try {
    try {
      const std::string text = json::serialize(json::value(body()));
      sink.write(sink.host, 0, bytes_of(text));
    } catch (const TaskFailure& failure) {
      write_failure(sink, failure.type(), failure.message(), failure.details());
    } catch (const std::exception& other) {
      write_failure(sink, type_of_others, other.what(), nullptr);
    } catch (...) {
      write_failure(sink, type_of_others, "threw something that is no std::exception", nullptr);
    }
  } catch (...) {
    sink.write(sink.host, 1, bytes_of(kHopeless));
  }
}

}  // namespace boundary
}  // namespace baton::sdk
