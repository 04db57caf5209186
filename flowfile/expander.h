#pragma once

#include "flowfile/files.h"
#include "flowfile/scope.h"

namespace baton::flowfile {

/// Writes a flow file out into the flow that a posting carries: parameters put in, each for_each and include
/// in its place, conditions on parameters decided, durations in milliseconds. Every value keeps the place
/// where it was written.
class Expander {
 public:
  Expander(const Files& files, Problems& problems) : files_(files), problems_(problems) {}

  /// The files are whole (Files::whole()).
  Node expand(const File& file, const Scope& parameters);

 private:
  struct Around;  // the flow that is written out

  Node flow(const File&, const Node&, const Scope&);
  void nodes(const File&, const Node& list, const Scope&, Around&);
  void repeated(const File&, const Node&, const Scope&, Around&);
  void one(const File&, const Node&, const Scope&, Around&);
  Node task(const Node&, const Scope&);
  Node included(const File&, const Node&, const Scope&);
  void decide_later(const Node& when, const Node& made, const Scope&, Around&);
  static std::string name_of(const Node&, const Scope&);
  bool too_many(const Place&);

  const Files& files_;
  Problems& problems_;
  std::size_t made_ = 0, depth_ = 0;
  bool stopped_ = false;
};

}  // namespace baton::flowfile
