#pragma once

#include <optional>

#include "flowfile/budget.h"
#include "flowfile/files.h"
#include "flowfile/limits.h"
#include "flowfile/scope.h"

namespace baton::flowfile {

/// Writes a flow file out into the flow that a posting carries: parameters put in, each for_each and include
/// in its place, conditions on parameters decided, durations in milliseconds. Every value keeps the place
/// where it was written.
class Expander {
 public:
  Expander(const Files& files, Problems& problems, const Bounds& bounds = {})
      : files_(files), problems_(problems), bounds_(bounds) {}

  /// The files are whole (Files::whole()).
  Node expand(const File& file, const Scope& parameters);
  /// At a bound, which has been told: the flow is not whole.
  bool stopped() const { return stopped_ || budget_.spent(); }

 private:
  struct Around;  // the flow that is written out

  Node flow(const File&, const Node&, const Scope&);
  void nodes(const File&, const Node& list, const Scope&, Around&);
  void repeated(const File&, const Node&, const Scope&, Around&);
  std::optional<std::size_t> width_of(const Node&, const Scope&);
  void one(const File&, const Node&, const Scope&, Around&);
  Node task(const Node&, const Scope&);
  Node included(const File&, const Node&, const Scope&);
  void decide_later(const Node& when, const Node& made, const Scope&, Around&);
  const File* bind(const File&, const Node& include, const Scope&, Scope& parameters, Problems&);
  std::string name_of(const File&, const Node&, const Scope&);
  void drop_links(Around&);
  void tell_lost_condition(const Node& link);
  Node put_in(const Node&, const Scope&);
  bool too_many(const Place&);

  const Files& files_;
  Problems& problems_;
  const Bounds bounds_;
  Budget budget_{bounds_.values, bounds_.bytes};
  std::size_t made_ = 0, depth_ = 0;
  bool stopped_ = false;
};

}  // namespace baton::flowfile
