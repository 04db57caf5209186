/// refusing CALL PROGRAM…: runs a program that the system refuses descriptors of one kind (EMFILE).
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <string>

#include "tests/support/refused_call.h"

int main(int count, char** words) {
  const std::map<std::string, long> known{{"epoll_create1", SYS_epoll_create1},
                                          {"timerfd_create", SYS_timerfd_create}};
  const auto call = count > 2 ? known.find(words[1]) : known.end();
  if (call == known.end()) {
    std::fprintf(stderr, "refusing: epoll_create1 or timerfd_create, and a program with its words\n");
    return 2;
  }
  if (baton::test::refuse_call(call->second, EMFILE)) ::execv(words[2], words + 2);
  std::perror(words[2]);
  return 2;
}
