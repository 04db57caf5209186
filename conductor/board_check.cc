#include "conductor/board_check.h"

#include <utility>

namespace baton::conductor {

BoardCheck::BoardCheck(ports::JobBoard& board, ports::FlowStore& store, ports::Clock& clock,
                       ports::Entropy& entropy, const Bounds& bounds, Counters& counters)
    : board_(board), store_(store), clock_(clock), entropy_(entropy), bounds_(bounds), counters_(counters) {}

void BoardCheck::begin(std::function<void(const Board&)> known,
                       std::function<void(const std::string&)> refused) {
  refused_ = std::move(refused);
  if (std::exchange(known_, std::move(known))) return;
  read();
}

void BoardCheck::stop() {
  known_ = nullptr;
  alive_.renew();
}

void BoardCheck::read() {
  board_.identity(alive_.guard([this](const Result<ports::BoardIdentity, ports::BoardError>& identity) {
    identity.ok() ? meet(*identity) : not_read(identity.error());
  }));
}

void BoardCheck::meet(const ports::BoardIdentity& identity) {
  store_.meet_board(
      identity.id, identity.generation,
      alive_.guard([this, identity](const Result<ports::BoardStanding, ports::StoreError>& standing) {
        standing.ok() ? look_again(identity, *standing) : again(standing.error().message);
      }));
}

void BoardCheck::look_again(const ports::BoardIdentity& before, const ports::BoardStanding& standing) {
  board_.identity(
      alive_.guard([this, before, standing](const Result<ports::BoardIdentity, ports::BoardError>& identity) {
        if (!identity.ok()) return not_read(identity.error());
        if (identity->id != before.id || identity->generation != before.generation) return meet(*identity);
        if (identity->version < standing.marked) return went_back(*identity, standing, 0);
        measure(*identity, standing);
      }));
}

void BoardCheck::measure(const ports::BoardIdentity& identity, const ports::BoardStanding& standing) {
  board_.height(
      alive_.guard([this, identity, standing](const Result<std::int64_t, ports::BoardError>& height) {
        if (!height.ok()) return again(height.error().message);
        if (*height <= standing.highest_zxid) return went_back(identity, standing, *height);
        write(identity, standing.generation);
      }));
}

void BoardCheck::went_back(ports::BoardIdentity identity, const ports::BoardStanding& standing,
                           std::int64_t height) {
  ++counters_.boards_restored;
  runtime::Log().warning("the board went back: ZooKeeper was restored from a backup; it is given another id",
                         {{"folder", identity.folders.front()},
                          {"generation", standing.generation},
                          {"written", identity.version},
                          {"written_before", standing.marked},
                          {"zxid", height},
                          {"zxid_before", standing.highest_zxid}});
  identity.id = entropy_.uuid().to_string();
  board_.identify(identity, alive_.guard([this](const Result<void, ports::BoardError>& written) {
    const bool done = written.ok() || written.error().code == ports::BoardErrorCode::AlreadyClaimed;
    done ? read() : again(written.error().message);
  }));
}

void BoardCheck::write(ports::BoardIdentity identity, std::uint32_t generation) {
  if (identity.generation != generation)
    runtime::Log().info(
        "the board has a new generation",
        {{"folder", identity.folders.front()}, {"generation", generation}, {"before", identity.generation}});
  identity.generation = generation;
  board_.identify(identity, alive_.guard([this, identity](const Result<void, ports::BoardError>& written) {
    if (written.ok()) return mark(identity);
    // Another was faster: what is there now is read, and judged anew.
    if (written.error().code == ports::BoardErrorCode::AlreadyClaimed) return read();
    again(written.error().message);
  }));
}

void BoardCheck::mark(const ports::BoardIdentity& identity) {
  store_.mark_board(identity.id, identity.version + 1,
                    alive_.guard([this, identity](const Result<void, ports::StoreError>& marked) {
                      marked.ok() ? end(identity) : again(marked.error().message);
                    }));
}

void BoardCheck::end(const ports::BoardIdentity& identity) {
  std::exchange(known_, nullptr)(Board{identity.generation, identity.folders});
}

void BoardCheck::not_read(const ports::BoardError& error) {
  if (error.code != ports::BoardErrorCode::Refused) return again(error.message);
  const auto refused = refused_;
  stop();
  refused(error.message);
}

void BoardCheck::again(const std::string& why) {
  troubles_.write(runtime::Log(), runtime::LogLevel::Warning, clock_.steady(),
                  "the board's generation is asked for again", {{"why", why}});
  clock_.after(bounds_.claim_retry_pause, alive_.guard([this] { read(); }));
}

}  // namespace baton::conductor
