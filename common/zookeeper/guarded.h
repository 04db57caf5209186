#pragma once

#include <memory>
#include <utility>

namespace baton::zookeeper {

/// A callback of an object that may be gone when it is called: then nothing happens. Calls f(*self, …).
template <class Self, class F>
auto guarded(std::weak_ptr<Self> weak, F f) {
  return [weak = std::move(weak), f = std::move(f)](auto&&... args) mutable {
    if (const auto self = weak.lock()) f(*self, std::forward<decltype(args)>(args)...);
  };
}

}  // namespace baton::zookeeper
