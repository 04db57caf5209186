#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace baton::simulation {

/// Which fault met which state, over many seeds: what was never met was never tried.
class Coverage {
 public:
  void met(const std::string& fault, const std::string& state) { ++met_[fault][state]; }
  void add(const Coverage&);
  /// Faults down, states across; a dot where they never met.
  std::string table() const;

 private:
  std::map<std::string, std::map<std::string, std::uint64_t>> met_;
};

}  // namespace baton::simulation
