#pragma once

#include <cstddef>
#include <string>

#include "flowfile/node.h"

namespace baton::flowfile {

/// What a value weighs, with all inside it.
struct Amount {
  std::size_t values = 0, bytes = 0;
};
Amount amount_of(const Node&);

/// Names and aliases write a value out as often as they stand somewhere, so a small file can be a large flow:
/// whatever is copied is taken from a budget first.
class Budget {
 public:
  Budget(std::size_t values_max, std::size_t bytes_max) : max_{values_max, bytes_max} {}

  bool take(const Amount&, const Place&);  // false: it is spent, and stays so
  bool spent() const { return spent_; }
  const Place& at() const { return at_; }  // where it was spent
  std::string excess() const;              // "more than 1000 values"

 private:
  const Amount max_;
  Amount taken_;
  Place at_;
  bool spent_ = false;
};

}  // namespace baton::flowfile
