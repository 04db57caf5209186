#include "common/sqlite/state_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "common/sqlite/row_reader.h"
#include "common/sqlite/schema.h"

namespace baton::sqlite {
namespace {

/// Exclusive: nobody else comes in between two transactions, and no shared memory file is needed for WAL.
constexpr const char* kPragmas =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; "
    "PRAGMA wal_autocheckpoint = 4000";

FileError refused(const std::string& path, const SqlError& error) {
  switch (error.kind) {
    case SqlError::Kind::Busy:
      return {FileError::Kind::InUse, path + " is locked by another program (" + error.message +
                                          ")\n  hint: close what has it open (sqlite3, a backup)"};
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

}  // namespace

StateFile::StateFile(std::string path, FileLock lock, std::unique_ptr<Connection> file, RowWriter writer)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      file_(std::move(file)),
      writer_(std::make_unique<RowWriter>(std::move(writer))) {}

Result<StateFile, FileError> StateFile::open(const std::string& path, IfMissing if_missing) {
  if (auto wrong = look_at(path, if_missing)) return Fail(*std::move(wrong));
  auto lock = FileLock::take(path);
  if (!lock.ok())
    return Fail(FileError{lock.error().in_use ? FileError::Kind::InUse : FileError::Kind::Trouble,
                          lock.error().message});
  auto opened = Connection::open(path);
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
