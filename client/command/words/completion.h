#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client/command/words/word.h"

namespace baton::client {

struct Candidate {
  std::string text, about;
};

/// What could stand where a person has pressed Tab.
struct Completion {
  std::vector<Candidate> candidates;
  bool files = false;  // names of files too
};

/// Names that only a conductor or a file knows: jobs, flows, profiles. `given`: the options that stand
/// before, by their long names.
using KnownNames =
    std::function<std::vector<Candidate>(Values, const std::map<std::string, std::string>& given)>;

/// `line`: what follows `baton`, the last word as far as it is written (empty: it begins).
Completion complete(const Word& baton, const std::vector<std::string>& line, const KnownNames&);

/// As the scripts read it (completion_script.h).
std::string completion_lines(const Completion&);

}  // namespace baton::client
