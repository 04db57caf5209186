#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace baton::conformance {

/// Which of the calls that are out end next, where no clock decides it: quick calls before slow ones, else in
/// an order and in groups that follow the seed.
class Pace {
 public:
  using CallNumber = std::uint64_t;

  explicit Pace(std::uint64_t seed) : random_(seed) {}

  CallNumber begin(double slow_seconds);
  std::vector<CallNumber> next();  // at least one; only when one is out
  void forget() { out_.clear(); }
  std::size_t out() const { return out_.size(); }

 private:
  struct Out {
    CallNumber call = 0;
    double slow_seconds = 0;
  };

  std::mt19937_64 random_;
  CallNumber last_ = 0;
  std::vector<Out> out_;
};

}  // namespace baton::conformance
