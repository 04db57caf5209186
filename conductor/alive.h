#pragma once

#include <memory>
#include <utility>

namespace baton::conductor {

/// Makes callbacks that do nothing once their owner is gone, or has said that it no longer wants them. Ports
/// keep callbacks for as long as their operation takes; our objects do not live that long.
class Alive {
 public:
  template <class F>
  auto guard(F call) const {
    return [life = std::weak_ptr<const char>(life_), call = std::move(call)](auto&&... with) mutable {
      if (!life.expired()) call(std::forward<decltype(with)>(with)...);
    };
  }
  /// Every callback made so far is void from now on.
  void renew() { life_ = std::make_shared<const char>(); }

 private:
  std::shared_ptr<const char> life_ = std::make_shared<const char>();
};

}  // namespace baton::conductor
