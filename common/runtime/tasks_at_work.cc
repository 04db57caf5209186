#include "common/runtime/tasks_at_work.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "common/model/assert.h"

namespace baton::runtime {

/// The file: a head, then a place for each thread.
struct TasksAtWork::Page {
  static constexpr char kMagic[8] = {'b', 'a', 't', 'o', 'n', 't', 'w', '1'};
  struct Place {
    std::uint16_t length;  // 0: nothing runs
    char name[kNameBytesMax];
  };

  char magic[8];
  std::uint32_t threads;
  std::uint32_t blamed;  // 1 for the first thread; 0: nobody; kNoTask: a thread that runs no task ended it
  std::int32_t signal;   // by which; 0: it called exit()

  Place* places() { return reinterpret_cast<Place*>(this + 1); }
  static std::size_t bytes(std::size_t threads) { return sizeof(Page) + threads * sizeof(Place); }
};

namespace {

constexpr std::size_t kCrashStackBytes = 64 * 1024;
constexpr std::uint32_t kNoTask = UINT32_MAX;

/// What a signal handler may look at: of this process, and of the thread that it runs on.
std::atomic<std::uint32_t*> blamed_of_process = nullptr;
std::atomic<std::int32_t*> signal_of_process = nullptr;
std::atomic<pid_t> process = 0;  // a child that has left it has its handlers, and its file, too
constinit thread_local std::uint32_t thread_at_work = 0;  // 1 for the first; 0: runs no task

/// A thread that runs no task may well end its process over one that it receives, or whose result it sends:
/// of that nothing is known, and the tasks that run beside it are not suspects.
void blame(int number) {
  std::uint32_t* const blamed = blamed_of_process;
  if (!blamed || *blamed != 0 || ::getpid() != process) return;
  *signal_of_process = number;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  *blamed = thread_at_work == 0 ? kNoTask : thread_at_work;
}

/// The process ends as if there had been no handler.
void on_crash(int number) {
  blame(number);
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void on_exit() {
  blame(0);
}

/// A sanitizer's own handlers stay: its report is worth more.
void hear_crashes() {
  for (const int number : crash_signals()) {
    struct sigaction known = {};
    if (::sigaction(number, nullptr, &known) != 0 || known.sa_handler != SIG_DFL) continue;
    struct sigaction ours = {};
    ours.sa_handler = on_crash;
    ours.sa_flags = SA_ONSTACK;
    ::sigaction(number, &ours, nullptr);
  }
  static const bool registered = std::atexit(on_exit) == 0;
  (void)registered;
}

std::string name_of(int number) {
  if (number == 0) return "exit";
  const char* const name = ::sigabbrev_np(number);
  return name ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

}  // namespace

const std::vector<int>& crash_signals() {
  static const std::vector<int> all{SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
  return all;
}

Result<TasksAtWork, std::string> TasksAtWork::open(const std::string& path, std::size_t threads) {
  const std::size_t bytes = Page::bytes(threads);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // Room on the disk now: a hole would be filled at the first name, and a full disk would kill us then.
  int reason = file < 0 ? errno : ::posix_fallocate(file, 0, static_cast<off_t>(bytes));
  void* const mapped =
      reason == 0 ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
  if (reason == 0 && mapped == MAP_FAILED) reason = errno;
  if (file >= 0) ::close(file);
  if (mapped == MAP_FAILED) return Fail("tasks at work " + path + ": " + std::strerror(reason));
  auto* const page = static_cast<Page*>(mapped);
  std::memcpy(page->magic, Page::kMagic, sizeof page->magic);
  page->threads = static_cast<std::uint32_t>(threads);
  BATON_ASSERT(!blamed_of_process);
  process = ::getpid();
  signal_of_process = &page->signal;
  blamed_of_process = &page->blamed;
  hear_crashes();
  return TasksAtWork(page);
}

TasksAtWork::TasksAtWork(TasksAtWork&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

TasksAtWork::~TasksAtWork() {
  if (!page_) return;
  blamed_of_process = nullptr;
  ::munmap(page_, Page::bytes(page_->threads));
}

void TasksAtWork::begin(std::size_t thread, std::string_view task) {
  BATON_ASSERT(thread < page_->threads && task.size() <= kNameBytesMax);
  auto& place = page_->places()[thread];
  std::memcpy(place.name, task.data(), task.size());
  // A crash may come between any two instructions: the name counts from its length on.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  place.length = static_cast<std::uint16_t>(task.size());
  thread_at_work = static_cast<std::uint32_t>(thread) + 1;
}

void TasksAtWork::end(std::size_t thread) {
  thread_at_work = 0;
  page_->places()[thread].length = 0;
}

std::optional<TasksAtWork::Left> TasksAtWork::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  Page head{};
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (std::memcmp(head.magic, Page::kMagic, sizeof head.magic) != 0 ||
      bytes.size() != Page::bytes(head.threads) || head.blamed > head.threads)  // kNoTask is above them all
    return std::nullopt;
  Left left;
  if (head.blamed != 0) left.crash = name_of(head.signal);
  const auto name_at = [&](std::uint32_t thread) {
    Page::Place place{};
    std::memcpy(&place, bytes.data() + Page::bytes(thread), sizeof place);
    return std::string(place.name, std::min<std::size_t>(place.length, kNameBytesMax));
  };
  for (std::uint32_t thread = 0; thread < head.threads; ++thread)
    if (head.blamed == 0 || head.blamed == thread + 1)
      if (auto name = name_at(thread); !name.empty()) left.tasks.push_back(std::move(name));
  return left;
}

CrashStack::CrashStack() : stack_(std::make_unique<char[]>(kCrashStackBytes)) {
  stack_t stack{};
  stack.ss_sp = stack_.get();
  stack.ss_size = kCrashStackBytes;
  ::sigaltstack(&stack, nullptr);
}

CrashStack::~CrashStack() {
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
}

}  // namespace baton::runtime
