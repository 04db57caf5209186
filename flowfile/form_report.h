#pragma once

#include <string>
#include <utility>

#include "flowfile/problem.h"

namespace baton::flowfile {

/// What is wrong with a file's form, and whether something is missing or of such a kind that what it would
/// mean cannot be said either.
class FormReport {
 public:
  explicit FormReport(Problems& problems) : problems_(problems) {}

  void refuse(const Place& at, std::string what, std::string hint = {}) {
    problems_.push_back({at, std::move(what), std::move(hint)});
  }
  void refuse_broken(const Place& at, std::string what, std::string hint = {}) {
    set_broken();
    refuse(at, std::move(what), std::move(hint));
  }
  void set_broken() { broken_ = true; }  // why has been told
  bool broken() const { return broken_; }
  Problems& problems() { return problems_; }

 private:
  Problems& problems_;
  bool broken_ = false;
};

}  // namespace baton::flowfile
