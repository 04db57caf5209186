#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace baton {

/// A value that most of its owners lack. Like std::optional, but a lack costs only a pointer, and copies
/// share the value: it is never changed where it stands (edit() takes a copy first).
template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(std::nullopt_t) {}
  Rare(T value) : value_(std::make_shared<T>(std::move(value))) {}
  Rare(std::optional<T> value) {
    if (value) *this = Rare(*std::move(value));
  }

  bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  operator std::optional<T>() const { return value_ ? std::optional<T>(*value_) : std::nullopt; }

  void reset() { value_.reset(); }
  /// Its own copy, to be changed. Only if there is one.
  T& edit() {
    auto copy = std::make_shared<T>(*value_);
    T& fresh = *copy;
    value_ = std::move(copy);
    return fresh;
  }

  bool operator==(const Rare& other) const {
    return value_ == other.value_ || (value_ && other.value_ && *value_ == *other.value_);
  }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace baton
