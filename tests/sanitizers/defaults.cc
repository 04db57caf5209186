/// What a sanitizer's runtime asks each program of its build, whoever has started it. ASAN_OPTIONS,
/// LSAN_OPTIONS, TSAN_OPTIONS and UBSAN_OPTIONS come on top. Suppressions are for foreign libraries only,
/// each with its reason.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <string>

// A report ends with an exit code that nothing of ours has: a test that wants a failure must not take it for
// one.

#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "exitcode=66:detect_stack_use_after_return=1";
}

extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() {
  return "exitcode=66:print_stacktrace=1";
}

extern "C" const char* __lsan_default_options();
extern "C" const char* __lsan_default_options() {
  return "print_suppressions=0";  // what is not told of is no report
}

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  // libzookeeper_mt 3.8.0 leaks answers that were read but not handed out when a handle is closed.
  return "leak:libzookeeper_mt\n";
}

namespace {

/// libubsan, as libasan's guest, takes no notice of its log_path: it is told by hand.
__attribute__((constructor)) void say_where_to_report() {
  const std::string option = "log_path=";
  const char* const options = std::getenv("UBSAN_OPTIONS");
  const char* const found = options ? std::strstr(options, option.c_str()) : nullptr;
  void* const library = found ? ::dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD) : nullptr;
  void* const set = library ? ::dlsym(library, "__sanitizer_set_report_path") : nullptr;
  if (!set) return;
  const char* const path = found + option.size();
  reinterpret_cast<void (*)(const char*)>(set)(std::string(path, std::strcspn(path, ":")).c_str());
}

}  // namespace
#endif

#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "exitcode=66";
}

extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  // libzookeeper_mt 3.8.0 prints where it connects to, for its log, into one buffer for all handles. Nothing
  // of ours is compiled to this call, but other libraries' calls of it are not looked at either.
  //
  // librdkafka counts who uses what by atomics that are not instrumented: what one has made for others, and
  // what the last one frees, looks like a race. Its calls of the C library are not looked at, nor what makes
  // and ends its mutexes and conditions; what these guard is (c11_threads.cc), and what of ours is called on
  // its threads.
  return "race:__sprintf_chk\n"
         "called_from_lib:librdkafka.so\n"
         "race:mtx_init\n"
         "race:mtx_destroy\n"
         "race:cnd_init\n"
         "race:cnd_destroy\n";
}
#endif
