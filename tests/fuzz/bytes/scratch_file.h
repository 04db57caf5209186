#pragma once

#include <string>
#include <string_view>

namespace baton::fuzz {

/// A file without a place on the disk, for readers that are given a path. It has the bytes that it was given
/// last.
class ScratchFile {
 public:
  ScratchFile();
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;

  const std::string& path() const { return path_; }
  void write(std::string_view bytes);

 private:
  int number_;
  std::string path_;
};

}  // namespace baton::fuzz
