#include "common/process/spawn_options.h"

#include <signal.h>

namespace baton::process {

SpawnOptions::SpawnOptions() {
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);    // our threads block signals
  posix_spawnattr_setsigdefault(&attributes, &all);  // a daemon ignores SIGPIPE
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

SpawnOptions::~SpawnOptions() {
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
}

std::vector<char*> spawn_texts(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

}  // namespace baton::process
