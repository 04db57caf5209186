#pragma once

#include <string>
#include <string_view>

#include "common/model/result.h"

namespace baton::runtime {

/// Names the job that a process is working on right now, in a file that is mapped into memory: writing costs
/// no system call, and what is written outlives the process (not the host). Whoever looks after the process
/// reads who is to blame for its death (PROTOCOL.md H22). Owner's thread only.
class CrashMarker {
 public:
  static constexpr std::size_t kNameBytesMax = 255;  // a longer one is not named, so that no other is blamed

  static Result<CrashMarker, std::string> open(const std::string& path);
  CrashMarker(CrashMarker&&) noexcept;
  CrashMarker& operator=(CrashMarker&&) = delete;
  ~CrashMarker();  // leaves the file: RuntimeFolder removes it

  void name(std::string_view job);
  void clear();

  /// What a dead process left; empty: it was at work on nothing in particular.
  static std::string read(const std::string& path);

 private:
  explicit CrashMarker(char* page) : page_(page) {}
  char* page_;
};

/// The job is named for as long as this object lives. Null: nobody looks. The end of a nested one is the end
/// of both.
class AtWorkOn {
 public:
  AtWorkOn(CrashMarker* marker, std::string_view job) : marker_(marker) {
    if (marker_) marker_->name(job);
  }
  AtWorkOn(const AtWorkOn&) = delete;
  AtWorkOn& operator=(const AtWorkOn&) = delete;
  ~AtWorkOn() {
    if (marker_) marker_->clear();
  }

 private:
  CrashMarker* marker_;
};

}  // namespace baton::runtime
