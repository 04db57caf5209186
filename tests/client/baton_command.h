#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/command/command_line.h"
#include "tests/client/told_server.h"
#include "tests/support/scratch_folder.h"

namespace baton::test {

using Words = std::vector<std::string>;

inline constexpr const char* kNobody = "127.0.0.1:1";  // nobody listens there

/// `baton` as it was called, what it has printed and how it ended.
struct Command {
  std::ostringstream out, err;
  client::Ended ended;

  explicit Command(const client::Invocation& invocation) {
    ended = client::run_command(invocation, {}, {}, out, err);
  }
  /// Without a conductor, unless one is named.
  explicit Command(Words words, const std::string& api = kNobody)
      : Command(client::Invocation{std::move(words), api, false}) {}
  Command(const ToldServer& server, Words words) : Command(std::move(words), server.address()) {}
};

inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A flow file of a test's own.
class OwnFile {
 public:
  explicit OwnFile(const std::string& text, const std::string& name = "own.yaml")
      : path(folder_.path() + "/" + name) {
    std::ofstream(path) << text;
  }

 private:
  const ScratchFolder folder_;

 public:
  const std::string path;
};

}  // namespace baton::test
