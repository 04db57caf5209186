#pragma once

#include <map>
#include <string>
#include <vector>

#include "flowfile/flow_file.h"
#include "flowfile/node.h"

namespace baton::flowfile {

/// Names in a flow that is written out, and where they stand.
class NameIndex {
 public:
  /// Tells names that are there twice, and links to what is not there.
  NameIndex(const Node& flow, Problems&);

  const std::map<std::string, Place>& atoms() const { return atoms_; }
  const std::map<std::string, Place>& task_types() const { return task_types_; }
  /// Where the engine's refusal belongs: it names tasks, retries and flows.
  Problems problems_of(const engine::FlowError&) const;

 private:
  void add_flow(const Node& flow, std::vector<std::string> around);
  void add_atom(const Node& atom, const std::string& name, const Place&);
  struct LinkEnd {
    Place at;
    std::string name;
  };
  void check_links(const Node& flow);
  void tell_unknown(std::vector<LinkEnd>, const std::vector<std::string>& children);
  Place place_of(const engine::FlowError::Lack&) const;
  Place place_of(const engine::FlowError&) const;

  Problems& problems_;
  std::map<std::string, Place> atoms_, task_types_;
  std::map<std::string, const Node*> nodes_;         // of atoms
  std::map<std::vector<std::string>, Place> flows_;  // by path, as FlowError has it
  Place file_;
};

}  // namespace baton::flowfile
