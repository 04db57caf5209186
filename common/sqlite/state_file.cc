#include "common/sqlite/state_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/sqlite/row_reader.h"
#include "common/sqlite/schema.h"

namespace baton::sqlite {
namespace {

namespace fs = std::filesystem;

/// Exclusive: nobody else comes in between two transactions, and no shared memory file is needed for WAL.
constexpr const char* kPragmas =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; "
    "PRAGMA wal_autocheckpoint = 4000";

FileError locked_elsewhere(const std::string& path, const std::string& why) {
  return {FileError::Kind::InUse, path + " is locked by another program (" + why +
                                      ")\n  hint: close what has it open (sqlite3, a backup)"};
}

FileError refused(const std::string& path, const SqlError& error) {
  switch (error.kind) {
    case SqlError::Kind::Busy:
      return locked_elsewhere(path, error.message);
    case SqlError::Kind::NoDatabase:
      return {FileError::Kind::NotOurs,
              path + " cannot be used as a state file: " + error.message +
                  "\n  hint: it was left as it is; name another file, or take it from a backup"};
    case SqlError::Kind::Full:
    case SqlError::Kind::Other:
      break;
  }
  return {FileError::Kind::Trouble, path + ": " + error.message};
}

std::optional<FileError> look_at(const std::string& path, StateFile::IfMissing if_missing) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) {
    if (errno == ENOENT && if_missing == StateFile::IfMissing::Make) return std::nullopt;
    const auto kind = errno == ENOENT ? FileError::Kind::Missing : FileError::Kind::Trouble;
    return FileError{kind, "no state file " + path + ": " + std::strerror(errno)};
  }
  if (S_ISREG(file.st_mode)) return std::nullopt;
  return FileError{FileError::Kind::NotOurs, path + " is no file"};
}

Result<void, SqlError> set_up(Connection& file) {
  if (auto done = file.run(kPragmas); !done.ok()) return done;
  if (auto made = prepare_schema(file); !made.ok()) return made;
  const auto mode = file.text("PRAGMA journal_mode = WAL");
  if (!mode.ok()) return Fail(mode.error());
  if (mode.value() != "wal")
    return Fail(SqlError{SqlError::Kind::Other, "its file system cannot hold a write-ahead log"});
  return file.run("BEGIN IMMEDIATE; COMMIT");  // from here on the lock is ours
}

/// Whether another program's SQLite has it open: its locks are on these bytes.
bool is_open_elsewhere(int descriptor) {
  struct flock asked {};
  asked.l_type = F_WRLCK;
  asked.l_whence = SEEK_SET;
  asked.l_start = 0x40000000;
  asked.l_len = 512;
  return ::fcntl(descriptor, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
}

FileError not_locked(const LockError& error) {
  return {error.in_use ? FileError::Kind::InUse : FileError::Kind::Trouble, error.message};
}

/// Is gone with this object; what has a file of it open keeps that. Whoever ends this process meanwhile waits
/// until it is gone: what tasks were given is in it.
class PassingFolder {
 public:
  PassingFolder() : path_((fs::temp_directory_path(failed_) / "baton-XXXXXX").string()) {
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
    pthread_sigmask(SIG_BLOCK, &ends, &before_);
    if (!failed_ && !::mkdtemp(path_.data())) failed_.assign(errno, std::generic_category());
  }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  ~PassingFolder() {
    std::error_code ignored;
    if (!failed_) fs::remove_all(path_, ignored);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  const std::error_code& failed() const { return failed_; }
  std::string place() const { return path_ + "/copy"; }

 private:
  sigset_t before_{};
  std::error_code failed_;
  std::string path_;
};

/// With what SQLite has beside it.
std::error_code copy_all(const std::string& path, const std::string& place) {
  std::error_code failed;
  for (const char* part : {"", "-wal", "-journal"})
    if (!failed && (*part == '\0' || fs::exists(path + part, failed)))
      fs::copy_file(path + part, place + part, failed);
  return failed;
}

}  // namespace

StateFile::StateFile(std::string path, FileLock lock, std::unique_ptr<Connection> file, RowWriter writer)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      file_(std::move(file)),
      writer_(std::make_unique<RowWriter>(std::move(writer))) {}

Result<StateFile, FileError> StateFile::open(const std::string& path, IfMissing if_missing) {
  if (auto wrong = look_at(path, if_missing)) return Fail(*std::move(wrong));
  return open_at(path, path);
}

Result<StateFile, FileError> StateFile::open_copy(const std::string& path) {
  if (auto wrong = look_at(path, IfMissing::Refuse)) return Fail(*std::move(wrong));
  const auto lock = FileLock::share(path);
  if (!lock.ok()) return Fail(not_locked(lock.error()));
  if (is_open_elsewhere(lock->descriptor())) return Fail(locked_elsewhere(path, "it has it open"));
  const PassingFolder folder;
  auto failed = folder.failed();
  if (!failed) failed = copy_all(path, folder.place());
  if (failed)
    return Fail(FileError{FileError::Kind::Trouble, "cannot copy " + path + ": " + failed.message() +
                                                        "\n  hint: TMPDIR names where there is room"});
  return open_at(folder.place(), path);
}

std::optional<FileError> StateFile::why_not_made(const std::string& path) {
  const auto folder = fs::path(path).parent_path();
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  return FileError{FileError::Kind::Trouble, "cannot open " + path + ": " + std::strerror(errno)};
}

/// `path`: how it is named to people.
Result<StateFile, FileError> StateFile::open_at(const std::string& place, const std::string& path) {
  auto lock = FileLock::take(place);
  if (!lock.ok()) return Fail(not_locked(lock.error()));
  auto opened = Connection::open(place);
  if (!opened.ok()) return Fail(refused(path, opened.error()));
  auto file = std::make_unique<Connection>(std::move(opened).value());
  if (const auto done = set_up(*file); !done.ok()) return Fail(refused(path, done.error()));
  auto writer = RowWriter::prepare(*file);
  if (!writer.ok()) return Fail(refused(path, writer.error()));
  file->take_over();
  return StateFile(path, std::move(lock).value(), std::move(file), std::move(writer).value());
}

Result<memory::FlowTables, SqlError> StateFile::read() {
  return read_tables(*file_);
}

Result<std::vector<Posting>, SqlError> StateFile::read_postings() {
  return sqlite::read_postings(*file_);
}

}  // namespace baton::sqlite
