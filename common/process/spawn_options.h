#pragma once

#include <spawn.h>

#include <string>
#include <vector>

namespace baton::process {

/// posix_spawn's two option objects, destroyed whatever happens. The child leads a process group of its own
/// (a terminal's Ctrl-C is ours to hear), with no signal blocked or ignored, whatever our threads do.
struct SpawnOptions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  SpawnOptions();
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;
  ~SpawnOptions();
};

/// As posix_spawn wants argv and environ; the texts must outlive it.
std::vector<char*> spawn_texts(const std::vector<std::string>&);

}  // namespace baton::process
