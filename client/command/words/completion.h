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

/// What stands before the word that is completed.
struct Before {
  std::map<std::string, std::string> given;  // options by their long names; the first argument of each name
  bool asks_nobody = false;                  // the word needs no conductor: none is asked

  std::string of(const std::string& name) const {
    const auto found = given.find(name);
    return found == given.end() ? std::string() : found->second;
  }
};

/// Names that only a conductor or a file knows: jobs, flows, their parameters, profiles.
using KnownNames = std::function<std::vector<Candidate>(Values, const Before&)>;

/// `line`: what follows `baton`, the last word as far as it is written (empty: it begins).
Completion complete(const Word& baton, const std::vector<std::string>& line, const KnownNames&);

/// As the scripts read it (completion_script.h).
std::string completion_lines(const Completion&);

}  // namespace baton::client
