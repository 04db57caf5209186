#pragma once

#include "common/ports/job_board.h"
#include "common/sqlite/flow_file.h"

namespace baton::client {

/// A board in memory whose jobs survive its process: what is posted is in the state file before it is
/// acknowledged, until it is claimed; from then on the store has it.
class KeptBoard final : public ports::JobBoard {
 public:
  KeptBoard(ports::JobBoard& board, sqlite::FlowFile& file) : board_(board), file_(file) {}

  /// What an earlier process has acknowledged and nobody has claimed.
  void post_again();

  void open(Listener& listener) override { board_.open(listener); }
  void post(const Posting&, Done<std::string>) override;
  void identity(Done<ports::BoardIdentity> done) override { board_.identity(std::move(done)); }
  void identify(const ports::BoardIdentity& identity, Done<void> done) override {
    board_.identify(identity, std::move(done));
  }
  void height(Done<std::int64_t> done) override { board_.height(std::move(done)); }
  void claim(const std::string& path, Done<ports::BoardClaim> done) override {
    board_.claim(path, std::move(done));
  }
  void abandon(const ports::BoardClaim& claim, Done<void> done) override {
    board_.abandon(claim, std::move(done));
  }
  void consume(const ports::BoardClaim& claim, Done<void> done) override {
    board_.consume(claim, std::move(done));
  }
  void trash(const ports::BoardClaim& claim, const std::string& reason, Done<void> done) override {
    board_.trash(claim, reason, std::move(done));
  }
  void trash_unreadable(const std::string& path, const std::string& reason, Done<void> done) override {
    board_.trash_unreadable(path, reason, std::move(done));
  }
  void owner(const std::string& path, Done<std::string> done) override {
    board_.owner(path, std::move(done));
  }
  void list(Done<std::vector<ports::BoardJob>> done) override { board_.list(std::move(done)); }
  void close() override { board_.close(); }

 private:
  ports::JobBoard& board_;
  sqlite::FlowFile& file_;
};

}  // namespace baton::client
