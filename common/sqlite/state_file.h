#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/sqlite/connection.h"
#include "common/sqlite/file_lock.h"
#include "common/sqlite/row_writer.h"

namespace baton::sqlite {

/// Why a state file cannot be used. InUse: another process has it. NotOurs: it is no state file, is damaged,
/// or of a later version. Missing: there is none. Trouble: the disk or its permissions.
struct FileError {
  enum class Kind { InUse, NotOurs, Missing, Trouble };
  Kind kind = Kind::Trouble;
  std::string message;  // for people: what, why, what to do
};

/// A state file that is ours: WAL, synchronous FULL, locked against everybody else. One thread at a time.
class StateFile {
 public:
  enum class IfMissing { Make, Refuse };
  static Result<StateFile, FileError> open(const std::string& path, IfMissing);
  /// A copy of one that is there, in a place of its own that is gone with it: whatever is done to it the file
  /// keeps its bytes. Refused as open() is, and told so: path() and messages name the file.
  static Result<StateFile, FileError> open_copy(const std::string& path);
  /// Why open() could not make it; nullopt: it could.
  static std::optional<FileError> why_not_made(const std::string& path);

  Result<memory::FlowTables, SqlError> read();
  Result<std::vector<Posting>, SqlError> read_postings();
  Result<void, SqlError> write(const std::vector<Change>& changes) { return writer_->write(changes); }

  const std::string& path() const { return path_; }
  /// To be handed to what this process starts (file_lock.h).
  int lock_descriptor() const { return lock_.descriptor(); }

 private:
  static Result<StateFile, FileError> open_at(const std::string& place, const std::string& path);
  StateFile(std::string path, FileLock lock, std::unique_ptr<Connection> file, RowWriter writer);

  std::string path_;
  FileLock lock_;  // released last: closing it would drop SQLite's own lock
  std::unique_ptr<Connection> file_;
  std::unique_ptr<RowWriter> writer_;
};

}  // namespace baton::sqlite
