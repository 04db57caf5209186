#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "flowfile/budget.h"
#include "flowfile/flow_file.h"
#include "flowfile/limits.h"
#include "flowfile/node.h"
#include "flowfile/parameters.h"

namespace baton::flowfile {

/// One file, read and checked by itself.
struct File {
  std::string path;
  Node root;
  std::vector<Declared> parameters;
  bool whole = false;  // its form is such that it can be expanded
  bool named = false;  // and all names in it are known
};

/// A flow file and all that it includes; each is read once.
class Files {
 public:
  Files(const ReadText& read, Problems& problems, const Bounds& bounds = {})
      : read_(read), problems_(problems), bounds_(bounds), budget_(bounds.values, bounds.bytes) {}

  /// nullptr: it cannot be read, which is told.
  const File* load(const std::string& path);
  /// The file that an include of `from` names; nullptr: told before.
  const File* included(const File& from, const std::string& path) const;
  bool whole() const;
  bool named() const;

 private:
  const File* load(const std::string& path, const Place& from);
  std::unique_ptr<File> read(const std::string& path, const Place& from);
  void check(File&);
  void check_node(const File&, const Node&, const Names& around);
  void check_flow(const File&, const Node& flow, const Names&);
  void check_include(const File&, const Node&);
  std::string circle(const std::string& path) const;

  bool take(const Amount&, const SourcePtr&);

  const ReadText& read_;
  Problems& problems_;
  const Bounds bounds_;
  Budget budget_;                                       // of all files together
  std::map<std::string, std::unique_ptr<File>> files_;  // nullptr: cannot be read
  std::vector<std::string> open_;                       // those around the one at hand
};

}  // namespace baton::flowfile
