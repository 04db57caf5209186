#include "tests/conformance/cases_apart.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <type_traits>

namespace baton::conformance {
namespace {

constexpr std::size_t kSaidMax = 4'000;  // of stderr, shown with a crash

/// What goes through the pipe: this, then `length` bytes.
struct Header {
  bool ended = false;  // else: the case's name
  CaseEnd::Kind kind = CaseEnd::Kind::Failed;
  Deeds deeds;
  std::size_t length = 0;
  off_t said = 0;  // bytes on stderr so far
};
static_assert(std::is_trivially_copyable_v<Header>);

struct Told {
  Header header;
  std::string text;
};

[[noreturn]] void no_process(const char* what) {
  throw std::runtime_error(std::string("no process can be started for the cases: ") + what + ": " +
                           std::generic_category().message(errno));
}

void write_whole(int pipe, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(pipe, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) std::_Exit(1);  // nobody listens any more
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void say(int pipe, Header header, const std::string& text) {
  header.length = text.size();
  header.said = lseek(STDERR_FILENO, 0, SEEK_CUR);
  write_whole(pipe, reinterpret_cast<const char*>(&header), sizeof header);
  write_whole(pipe, text.data(), text.size());
}

[[noreturn]] void be_the_child(const std::vector<CaseLine>& lines, std::size_t first, const Judge& judge,
                               int pipe, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(errors, STDERR_FILENO);
  for (std::size_t i = first; i < lines.size(); ++i) {
    const auto named = [&](const std::string& name) { say(pipe, {}, name); };
    const CaseEnd end = judge(lines[i], named);
    say(pipe, {true, end.kind, end.deeds, 0, 0}, end.told);
  }
  std::exit(0);
}

/// The process that judges from one case on.
class Child {
 public:
  Child(const std::vector<CaseLine>& lines, std::size_t first, const Judge& judge) : errors_(std::tmpfile()) {
    int ends[2];
    if (!errors_) no_process("a file for its stderr");
    if (pipe(ends) != 0) no_process("a pipe");
    std::cout.flush();  // what is in the buffers is not to be said twice
    std::fflush(nullptr);
    pid_ = fork();
    if (pid_ < 0) no_process("fork");
    if (pid_ == 0) {
      close(ends[0]);
      be_the_child(lines, first, judge, ends[1], fileno(errors_));
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    end();
    close(pipe_);
    std::fclose(errors_);
  }

  /// Nothing: it is gone, or has said nothing for that long.
  std::optional<Told> next(std::chrono::seconds patience) {
    Told told;
    if (!read_whole(reinterpret_cast<char*>(&told.header), sizeof told.header, patience)) return std::nullopt;
    told.text.resize(told.header.length);
    if (!read_whole(told.text.data(), told.text.size(), patience)) return std::nullopt;
    return told;
  }

  /// How it ended; it is made to, if it has not. Empty: well.
  std::string end() {
    if (pid_ == 0) return how_;
    if (late_) kill(pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    if (late_) return how_ = "it did not end in time";
    if (WIFSIGNALED(status))
      return how_ = "ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
                    strsignal(WTERMSIG(status)) + ")";
    if (WEXITSTATUS(status) != 0) return how_ = "ended by exit status " + std::to_string(WEXITSTATUS(status));
    return how_;
  }

  /// Its stderr from there to there, or to its end.
  std::string said(off_t from, std::optional<off_t> to = std::nullopt) const {
    const off_t end = to.value_or(lseek(fileno(errors_), 0, SEEK_END));
    std::string text(static_cast<std::size_t>(std::max<off_t>(end - from, 0)), '\0');
    const ssize_t got = pread(fileno(errors_), text.data(), text.size(), from);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }

 private:
  bool read_whole(char* data, std::size_t size, std::chrono::seconds patience) {
    while (size > 0) {
      pollfd ready{pipe_, POLLIN, 0};
      const int found = poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(patience).count()));
      if (found < 0 && errno == EINTR) continue;
      if (found <= 0) return late_ = true, false;
      const ssize_t got = read(pipe_, data, size);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      data += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  }

  std::FILE* errors_;
  int pipe_ = -1;
  pid_t pid_ = 0;
  bool late_ = false;
  std::string how_;
};

std::string indented(const std::string& text) {
  std::string lines;
  const std::string shown = text.size() > kSaidMax ? text.substr(text.size() - kSaidMax) : text;
  for (std::size_t at = 0; at < shown.size();) {
    const std::size_t end = std::min(shown.find('\n', at), shown.size());
    lines += "    " + shown.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return lines;
}

CaseEnd crashed(const std::string& name, const std::string& how, const std::string& said) {
  CaseEnd end;
  end.told = "FAILED " + name + "\n    " + how + "\n" + indented(said);
  return end;
}

/// From the case `first` on, to the end or to the case that ended the process; says how many are behind it.
std::size_t judge_from(const std::vector<CaseLine>& lines, std::size_t first, std::chrono::seconds case_max,
                       const Judge& judge, const std::function<void(const CaseEnd&)>& tell) {
  Child child(lines, first, judge);
  std::size_t at = first;
  std::string name;
  off_t told_of = 0;
  while (at < lines.size()) {
    auto told = child.next(case_max);
    if (!told) break;
    told_of = told->header.said;
    if (!told->header.ended) {
      name = std::move(told->text);
      continue;
    }
    tell({told->header.kind, told->header.deeds, std::move(told->text)});
    name.clear();
    ++at;
  }
  std::string how = child.end();
  std::cerr << child.said(0, told_of);
  if (at == lines.size()) {
    if (!how.empty()) tell(crashed("behind the last case:", how, child.said(told_of)));
    return at;
  }
  if (how.empty()) how = "ended, and the case was not over";
  tell(crashed(name.empty() ? lines[at].place + ":" : name, how, child.said(told_of)));
  return at + 1;
}

}  // namespace

void judge_apart(const std::vector<CaseLine>& lines, std::chrono::seconds case_max, const Judge& judge,
                 const std::function<void(const CaseEnd&)>& tell) {
  for (std::size_t next = 0; next < lines.size();) next = judge_from(lines, next, case_max, judge, tell);
}

}  // namespace baton::conformance
