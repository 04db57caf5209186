#include "common/modules/sink.h"

namespace baton::modules {
namespace {

Failure bad_result(std::string message) {
  return Failure::make(std::string(failure_type::kBadResult), std::move(message));
}

std::variant<Value, Failure> checked_result(std::string_view json, std::size_t bytes_max) {
  auto value = Value::parse(json, bytes_max);
  if (value.ok()) return std::move(value).value();
  return baton::bad_result("the result cannot be kept", value.error());
}

/// A failure's text is cut rather than refused: it must arrive.
Failure checked_failure(std::string_view json) {
  static constexpr std::size_t kReadMax = 16 * kMiB;
  const auto value = Value::parse(json, kReadMax);
  if (!value.ok()) return bad_result("the task failed, and its failure is no JSON: " + value.error().message);
  const Failure told = Failure::from_value(value.value());
  return Failure::make(told.type.empty() ? std::string(failure_type::kTaskThrew) : told.type, told.message,
                       told.details);
}

}  // namespace

void Sink::write(void* host, int failed, baton_bytes json) {
  auto& self = *static_cast<Sink*>(host);
  if (self.written_) {
    self.twice_ = true;
    return;
  }
  if (failed != 0) {
    self.written_ = checked_failure(view_of(json));
  } else {
    self.written_ = checked_result(view_of(json), self.bytes_max_);
  }
}

std::variant<Value, Failure> Sink::outcome() && {
  if (!written_) return bad_result("the module's code returned without a result and without a failure");
  if (twice_) return bad_result("the module's code gave two results in one call");
  return *std::move(written_);
}

}  // namespace baton::modules
