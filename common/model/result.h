#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "common/model/assert.h"

namespace baton {

/// Fail{error}: what a function returns to make a Result an error, also where value and error have one type.
template <class E>
struct Fail {
  E error;
  explicit Fail(E e) : error(std::move(e)) {}
};

/// A value, or the error of the border that was crossed. Asking for the one that is not there is our bug and
/// asserts. (std::expected is C++23; g++ 12 has it only there.)
template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  template <class F>
  Result(Fail<F> fail) : state_(std::in_place_index<1>, std::move(fail.error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    BATON_ASSERT(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    BATON_ASSERT(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    BATON_ASSERT(ok());
    return std::get<0>(std::move(state_));
  }
  const E& error() const {
    BATON_ASSERT(!ok());
    return std::get<1>(state_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, E> state_;
};

/// Success without a value.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  template <class F>
  Result(Fail<F> fail) : error_(std::move(fail.error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const E& error() const {
    BATON_ASSERT(!ok());
    return *error_;
  }

 private:
  std::optional<E> error_;
};

}  // namespace baton
