#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/model/failure.h"
#include "common/model/time.h"
#include "common/model/value.h"

namespace baton::api {

/// Writes JSON piece by piece. Values that are JSON already go in as the bytes that they are (a tree would
/// turn 1.0 into 1E0). Balance and keys are the caller's.
class JsonText {
 public:
  JsonText& begin_object();
  JsonText& end_object();
  JsonText& begin_array();
  JsonText& end_array();
  JsonText& key(std::string_view);

  JsonText& text(std::string_view);
  JsonText& number(std::uint64_t);
  JsonText& real(double);
  JsonText& boolean(bool);
  JsonText& null();
  JsonText& value(const Value&);

  // A key and its value.
  JsonText& member(std::string_view name, std::string_view text_value);
  JsonText& member(std::string_view name, const char* text_value);
  JsonText& member(std::string_view name, bool);
  template <std::unsigned_integral Number>
  JsonText& member(std::string_view name, Number whole) {
    return key(name).number(whole);
  }
  JsonText& member(std::string_view name, Millis);  // the name ends in _ms
  JsonText& member(std::string_view name, TimePoint);
  JsonText& member(std::string_view name, const Value&);
  JsonText& member(std::string_view name, const Failure&);

  std::size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  void separate();

  std::string out_;
  bool first_ = true;  // nothing stands before the next item of this container
};

}  // namespace baton::api
