/// A program with one fault of each kind that our sanitizers look for: planted KIND.
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

// What is read and written here the compiler cannot do without.
int* volatile lost = nullptr;
volatile int found = 0;
int shared = 0;

int beyond(int end) {
  char* bytes = static_cast<char*>(std::malloc(static_cast<std::size_t>(end)));
  std::memset(bytes, 0, static_cast<std::size_t>(end));
  const int read = bytes[end];
  std::free(bytes);
  return read;
}

[[gnu::noinline]] void leave() {
  volatile int here = 1;
  lost = const_cast<int*>(&here);
}
int after_return() {
  leave();
  return *lost;
}

[[gnu::noinline]] void leak() {
  lost = new int[1000];
  lost = nullptr;
}

/// As suppressed as what is named by its library.
[[gnu::noinline]] void leak_of_libzookeeper_mt() {
  leak();
  found = 1;
}

int overflow(int more) {
  return INT_MAX + more;
}

void race() {
  std::thread one([] { ++shared; }), other([] { ++shared; });
  one.join();
  other.join();
}

}  // namespace

int main(int count, char** words) {
  const std::string kind = count > 1 ? words[1] : "";
  if (kind == "heap") found = beyond(count);
  if (kind == "stack") found = after_return();
  if (kind == "leak") leak();
  if (kind == "foreign leak") leak_of_libzookeeper_mt();
  if (kind == "overflow") found = overflow(count);
  if (kind == "race") race();
  return 0;
}
